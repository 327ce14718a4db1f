/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Typed parameters on the command line: "name=value" words; "--" ends them,
 * and what follows goes to main() as argv (the other way round with
 * LIBPARAM_MAIN_FIRST). A word without "=" is a boolean set
 * to true. Values may be quoted: name="two words".
 *
 * Rules
 * - Parameters are set before any init function runs.
 * - An unknown name or a bad value is reported as a warning that names the
 *   near match or the accepted form; the boot goes on with the default.
 * - The parameter `params` prints all of them.
 * - A name is "<lib>.<name>" or, for the very common ones, plain "<name>".
 */
#ifndef UK_PARAM_H
#define UK_PARAM_H

#include <stdbool.h>
#include <stdint.h>

#include <uk/util.h>

enum uk_param_type {
	UK_PARAM_BOOL,		/* bool:	1 0 y n yes no true false on off */
	UK_PARAM_INT,		/* int:		decimal or 0x…, may be negative */
	UK_PARAM_U64,		/* uint64_t:	decimal or 0x… */
	UK_PARAM_SIZE,		/* uint64_t:	bytes with K, M, G, T suffix */
	UK_PARAM_STR,		/* const char *: points into a copy of the line */
};

struct uk_param {
	const char *name;
	const char *help;	/* one line, with the unit; NULL without LIBPARAM_HELP */
	enum uk_param_type type;
	void *value;
};

#define UK_PARAM(id, pname, ptype, ptr, phelp)				\
	static const struct uk_param uk_param_##id			\
	uk_table_entry(paramtab, #id) = {				\
		.name = (pname),					\
		.help = IS_ENABLED(CONFIG_LIBPARAM_HELP) ? (phelp) : NULL, \
		.type = (ptype), .value = (ptr) }

/** Set parameters from a copy of @cmdline. For lib/base/boot, once.
 *  @return what follows "--" in the copy, or an empty string. */
char *uk_param_parse(const char *cmdline);

/** Cut the next word out of *@pos, in place: quotes ('…' or "…") keep spaces
 *  and are taken away. @return the word and *@pos behind it; NULL: no more. */
char *uk_param_word(char **pos);

/** Parse decimal or 0x… digits, nothing else around them, no overflow.
 *  For untrusted strings. @return 0 or -EINVAL / -ERANGE. */
int uk_parse_u64(const char *s, uint64_t *val);

/** As uk_parse_u64() with the suffixes of UK_PARAM_SIZE. */
int uk_parse_size(const char *s, uint64_t *bytes);

/** Strict decimal number of at most @max, as xenstore values hold: no sign,
 *  no space, no leading zeros but "0". @return 0 or -EINVAL / -ERANGE. */
int uk_parse_dec(const char *s, uint64_t max, uint64_t *val);

#endif /* UK_PARAM_H */
