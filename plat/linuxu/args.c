/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Options of the process. They end at the first word that is none; from there
 * on the words are the image's command line, exactly as on every other
 * platform ("--" included, which is the kernel command line's own).
 */
#include "linuxu_priv.h"

#include <string.h>

#include <uk/arch/page.h>
#include <uk/linuxu/sys.h>
#include <uk/print.h>

#define DEFAULT_MEMORY ((size_t)64 << 20)
#define MIN_MEMORY ((size_t)512 << 10)

static char cmdline[4096];

static const char usage[] =
	" [--memory SIZE] [--module FILE]... [COMMAND LINE]\n"
	"\n"
	"  --memory SIZE  memory of the image, with suffix K, M or G (64M)\n"
	"  --module FILE  hand FILE to the image as a boot module\n"
	"  --help         this text\n"
	"\n"
	"The first word that is no option begins the image's command line:\n"
	"parameters as name=value, then \"--\" and the arguments of main().\n";

static void put(int fd, const char *s)
{
	(void)uk_linuxu_write(fd, s, strlen(s));
}

void linuxu_die_(const char **words)
{
	while (*words)
		put(2, *words++);
	put(2, "\n");
	linuxu_exit(EXIT_USAGE);
}

static void uk_noreturn help(const char *self)
{
	put(1, "usage: ");
	put(1, self);
	put(1, usage);
	linuxu_exit(0);
}

static bool parse_size(const char *s, size_t *size)
{
	size_t v = 0;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(v, (size_t)10, &v) ||
		    __builtin_add_overflow(v, (size_t)(*s - '0'), &v))
			return false;
	switch (*s | 0x20) {
	case 'g':
		if (__builtin_mul_overflow(v, (size_t)1024, &v))
			return false;
		/* fall through */
	case 'm':
		if (__builtin_mul_overflow(v, (size_t)1024, &v))
			return false;
		/* fall through */
	case 'k':
		if (__builtin_mul_overflow(v, (size_t)1024, &v))
			return false;
		s++;
	}
	*size = v & UK_PAGE_MASK;
	return !*s && v >= MIN_MEMORY;
}

static void append(size_t *len, char c)
{
	if (*len + 1 >= sizeof(cmdline))
		linuxu_die("command line is too long");
	cmdline[(*len)++] = c;
}

/* A word of the shell may hold spaces and quotes; quote it again so that the
 * image's parser finds one word. A quote is kept in quotes of the other kind. */
static void append_word(size_t *len, const char *word)
{
	char open = 0;

	if (*len)
		append(len, ' ');
	if (!*word || strpbrk(word, " \t\n\"'")) {
		open = '"';
		append(len, open);
	}
	for (; *word; word++) {
		if (*word == open) {
			append(len, open);
			open ^= '"' ^ '\'';
			append(len, open);
		}
		append(len, *word);
	}
	if (open)
		append(len, open);
}

/* The value of option @name in @word or the word after it, else NULL. */
static const char *option(const char *name, char ***argv)
{
	const char *word = **argv;
	size_t n = strlen(name);

	if (strncmp(word, name, n) || (word[n] && word[n] != '='))
		return NULL;
	if (word[n])
		return word + n + 1;
	(*argv)++;
	if (!**argv)
		linuxu_die("option ", name, " wants a value; see --help");
	return **argv;
}

void linuxu_args_parse(struct linuxu_args *args, int argc, char **argv)
{
	const char *self = argc ? argv[0] : "image", *value;
	size_t len = 0;
	int err;

	args->memory_bytes = DEFAULT_MEMORY;
	args->cmdline = cmdline;
	for (argv += argc ? 1 : 0; *argv && **argv == '-' && strcmp(*argv, "--"); argv++) {
		if (!strcmp(*argv, "--help"))
			help(self);
		value = option("--memory", &argv);
		if (value) {
			if (!parse_size(value, &args->memory_bytes))
				linuxu_die("--memory ", value, ": want a size of 512K or more, in bytes or"
					   " with suffix K, M or G");
			continue;
		}
		value = option("--module", &argv);
		if (!value)
			linuxu_die(self, ": unknown option ", *argv, "; see --help");
		err = linuxu_module_add(value);
		if (err)
			linuxu_die("--module ", value, ": ", uk_errname(err));
	}
	while (*argv)
		append_word(&len, *argv++);
}
