/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The part of a target behind "ram:": words <option>=<value> with commas
 * between them. It comes from the toolstack, written by an administrator: what
 * is wrong is said in words, not guessed around.
 */
#include "ramdisk_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/blkdev_driver.h>
#include <uk/param.h>
#include <uk/print.h>

#define WORD_BYTES 64
#define MAX_MODULES 16

static bool is_name(const char *s)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";

	return *s && strlen(s) < NAME_BYTES && !s[strspn(s, allowed)];
}

static int set_name(struct ramdisk_options *opt, const char *value, char *why)
{
	if (!is_name(value)) {
		uk_blk_because(why, "ram: name=%s: 1 to %d of A-Z a-z 0-9 . _ -", value,
			       NAME_BYTES - 1);
		return -EINVAL;
	}
	strlcpy(opt->name, value, sizeof(opt->name));
	return 0;
}

static int set_size(struct ramdisk_options *opt, const char *value, char *why)
{
	if (uk_parse_size(value, &opt->size_bytes) || !opt->size_bytes ||
	    opt->size_bytes > UINT64_MAX - UK_PAGE_SIZE) {
		uk_blk_because(why, "ram: size=%s: a number of bytes, K, M or G, not 0", value);
		return -EINVAL;
	}
	return 0;
}

static int set_image(struct ramdisk_options *opt, const char *value, char *why)
{
	static const char prefix[] = "module";
	uint64_t n;

	if (strncmp(value, prefix, strlen(prefix)) ||
	    uk_parse_dec(value + strlen(prefix), MAX_MODULES - 1, &n)) {
		uk_blk_because(why, "ram: image=%s: module0 to module%d", value, MAX_MODULES - 1);
		return -EINVAL;
	}
	opt->image = (int)n;
	return 0;
}

static int set_keep(struct ramdisk_options *opt, const char *value, char *why)
{
	if (strcmp(value, "0") && strcmp(value, "1")) {
		uk_blk_because(why, "ram: keep=%s: 0 or 1", value);
		return -EINVAL;
	}
	opt->is_kept = value[0] == '1';
	return 0;
}

static const struct {
	const char *name;
	int (*set)(struct ramdisk_options *opt, const char *value, char *why);
} known[] = {
	{ "name", set_name }, { "size", set_size }, { "image", set_image }, { "keep", set_keep },
};

/* @word: "<option>=<value>", cut in place. @seen: which options came before. */
static int parse_word(char *word, struct ramdisk_options *opt, unsigned int *seen, char *why)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	for (unsigned int i = 0; value && i < UK_ARRAY_SIZE(known); i++) {
		if (strcmp(word, known[i].name))
			continue;
		if (*seen & 1u << i) {
			uk_blk_because(why, "ram: %s= is there twice", word);
			return -EINVAL;
		}
		*seen |= 1u << i;
		return known[i].set(opt, value, why);
	}
	uk_blk_because(why, "ram: \"%s\": options are name= size= image= keep=", word);
	return -EINVAL;
}

static int check(const struct ramdisk_options *opt, bool has_keep, char *why)
{
	if (!opt->name[0] && has_keep && opt->is_kept) {
		uk_blk_because(why, "ram: keep=1 needs a name=");
		return -EINVAL;
	}
	if (!opt->name[0] && !opt->size_bytes && opt->image == NO_IMAGE) {
		uk_blk_because(why, "ram: needs size=, image= or the name= of a disk that exists");
		return -EINVAL;
	}
	return 0;
}

int ramdisk_parse(const char *text, struct ramdisk_options *opt, char *why)
{
	unsigned int seen = 0;
	char word[WORD_BYTES];
	int err;

	*opt = (struct ramdisk_options) { .image = NO_IMAGE };
	for (const char *end; *text; text = *end ? end + 1 : end) {
		end = text + strcspn(text, ",");
		if ((size_t)(end - text) >= sizeof(word)) {
			uk_blk_because(why, "ram: \"%.40s...\" is too long", text);
			return -EINVAL;
		}
		memcpy(word, text, (size_t)(end - text));
		word[end - text] = '\0';
		err = parse_word(word, opt, &seen, why);
		if (err)
			return err;
	}
	if (!(seen & 1u << 3))
		opt->is_kept = opt->name[0];
	return check(opt, seen & 1u << 3, why);
}
