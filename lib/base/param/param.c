/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Parameters of the command line. The line is copied once; words are cut out
 * of the copy in place, so string parameters and argv point into it.
 */
#include <uk/param.h>

#include <errno.h>
#include <string.h>

#include <uk/print.h>

#include "param_priv.h"

extern const struct uk_param uk_paramtab_start[], uk_paramtab_end[];

static bool is_listing;

UK_PARAM(params, "params", UK_PARAM_BOOL, &is_listing, "print all parameters");

static const char *const accepted[] = {
	[UK_PARAM_BOOL] = "yes or no",
	[UK_PARAM_INT] = "a number",
	[UK_PARAM_U64] = "a number",
	[UK_PARAM_SIZE] = "a size (K, M, G, T)",
	[UK_PARAM_STR] = "text",
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

char *uk_param_word(char **pos)
{
	char *in = *pos;
	char *word, *out;
	char quote = 0;

	while (is_space(*in))
		in++;
	word = out = in;
	for (; *in && (quote || !is_space(*in)); in++) {
		if (quote ? *in == quote : *in == '"' || *in == '\'')
			quote = quote ? 0 : *in;
		else
			*out++ = *in;
	}
	if (in == word) {
		*pos = in;
		return NULL;
	}
	*pos = *in ? in + 1 : in;
	*out = '\0';
	return word;
}

static bool is_one_of(const char *s, const char *list)
{
	for (; *list; list += strlen(list) + 1)
		if (!strcmp(s, list))
			return true;
	return false;
}

static int parse_bool(const char *s, bool *val)
{
	bool is_yes = is_one_of(s, "1\0y\0yes\0true\0on\0");

	if (!is_yes && !is_one_of(s, "0\0n\0no\0false\0off\0"))
		return -EINVAL;
	*val = is_yes;
	return 0;
}

static int parse_int(const char *s, int *val)
{
	bool is_neg = *s == '-';
	uint64_t v;
	int err = uk_parse_u64(s + is_neg, &v);

	if (err)
		return err;
	if (v > (uint64_t)INT32_MAX + is_neg)
		return -ERANGE;
	*val = (int)(is_neg ? 0 - v : v);
	return 0;
}

static int set(const struct uk_param *p, const char *value)
{
	if (!value) {
		if (p->type != UK_PARAM_BOOL)
			return -EINVAL;
		*(bool *)p->value = true;
		return 0;
	}
	switch (p->type) {
	case UK_PARAM_BOOL:
		return parse_bool(value, p->value);
	case UK_PARAM_INT:
		return parse_int(value, p->value);
	case UK_PARAM_U64:
		return uk_parse_u64(value, p->value);
	case UK_PARAM_SIZE:
		return uk_parse_size(value, p->value);
	case UK_PARAM_STR:
		*(const char **)p->value = value;
		return 0;
	}
	return -EINVAL;
}

/* One letter wrong, missing, too many, or two exchanged */
static bool is_near(const char *a, const char *b)
{
	size_t la, lb;

	while (*a && *a == *b)
		a++, b++;
	la = strlen(a);
	lb = strlen(b);
	while (la && lb && a[la - 1] == b[lb - 1])
		la--, lb--;
	return (la <= 1 && lb <= 1) || (la == 2 && lb == 2 && a[0] == b[1] && a[1] == b[0]);
}

static void warn_unknown(const char *name)
{
	for (const struct uk_param *p = uk_paramtab_start; p < uk_paramtab_end; p++) {
		const char *dot = strchr(p->name, '.');

		if (is_near(name, p->name) || (dot && is_near(name, dot + 1))) {
			uk_pr_warn("param: %s: unknown; is %s meant?\n", name, p->name);
			return;
		}
	}
	uk_pr_warn("param: %s: unknown; params lists all\n", name);
}

static void apply(char *word)
{
	char *value = strchr(word, '=');
	int err;

	if (value)
		*value++ = '\0';
	for (const struct uk_param *p = uk_paramtab_start; p < uk_paramtab_end; p++) {
		if (strcmp(word, p->name))
			continue;
		err = set(p, value);
		if (err)
			uk_pr_warn("param: %s=%s: not %s (%s)\n", word, value ? value : "",
				   accepted[p->type], uk_errname(err));
		return;
	}
	warn_unknown(word);
}

static void list(void)
{
	for (const struct uk_param *p = uk_paramtab_start; p < uk_paramtab_end; p++)
		uk_console_printf("%-24s %-20s %s\n", p->name, accepted[p->type],
				  p->help ? p->help : "");
}

char *param_set_all(char *line)
{
	char *word;

	while ((word = uk_param_word(&line)) && strcmp(word, "--"))
		apply(word);
	return line;
}

char *param_split(char *line)
{
	for (char *p = line; (p = strstr(p, "--")); p += 2) {
		if ((p != line && !is_space(p[-1])) || (p[2] && !is_space(p[2])))
			continue;
		*p = '\0';
		return p + 2;
	}
	return line + strlen(line);
}

char *uk_param_parse(const char *cmdline)
{
	static char line[CONFIG_LIBPARAM_LINE_BYTES];
	size_t len = strlen(cmdline);
	char *rest;

	if (len >= sizeof(line)) {
		uk_pr_warn("param: command line: cut to %zu bytes\n", sizeof(line) - 1);
		len = sizeof(line) - 1;
	}
	memcpy(line, cmdline, len);
	line[len] = '\0';
	if (IS_ENABLED(CONFIG_LIBPARAM_MAIN_FIRST)) {
		rest = line;
		param_set_all(param_split(line));
	} else {
		rest = param_set_all(line);
	}
	if (is_listing)
		list();
	return rest;
}
