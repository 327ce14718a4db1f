/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fixdep <compiler's depfile> <target> <command> <stamp dir> <config header>
 *
 * The compiler says that an object depends on the configuration header, which
 * every change of the configuration rewrites. This program replaces that one
 * dependency by the stamps of the options that the sources name (CONFIG_...),
 * and writes, for make to include:
 *	cmd_<target> := the command that made it
 *	deps_<target> := sources, headers, stamps
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "CONFIG_"
#define BUCKETS 1024

struct name {
	struct name *next;
	size_t len;
	char text[];
};

static struct name *seen[BUCKETS];

static void die(const char *what, const char *path)
{
	fprintf(stderr, "fixdep: %s: %s: %s\n", what, path, strerror(errno));
	exit(1);
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text = NULL;
	size_t used = 0, size = 0, got;

	if (!f)
		die("cannot open", path);
	do {
		size += 65536;
		text = realloc(text, size + 1);
		if (!text)
			die("out of memory", path);
		got = fread(text + used, 1, size - used, f);
		used += got;
	} while (used == size);
	if (ferror(f))
		die("cannot read", path);
	fclose(f);
	text[used] = '\0';
	return text;
}

/* True the first time a name is met. */
static int is_new(const char *text, size_t len)
{
	unsigned int hash = 5381;
	struct name *n;

	for (size_t i = 0; i < len; i++)
		hash = hash * 33 ^ (unsigned char)text[i];
	for (n = seen[hash % BUCKETS]; n; n = n->next)
		if (n->len == len && !memcmp(n->text, text, len))
			return 0;
	n = malloc(sizeof(*n) + len);
	if (!n)
		die("out of memory", "name");
	n->len = len;
	memcpy(n->text, text, len);
	n->next = seen[hash % BUCKETS];
	seen[hash % BUCKETS] = n;
	return 1;
}

static int is_ident(int c)
{
	return isalnum(c) || c == '_';
}

static void print_options(const char *text, const char *stamp_dir)
{
	const size_t skip = strlen(PREFIX);

	for (const char *p = strstr(text, PREFIX); p; p = strstr(p, PREFIX)) {
		int inside = p > text && is_ident((unsigned char)p[-1]);
		size_t len = 0;

		p += skip;
		while (is_ident((unsigned char)p[len]))
			len++;
		if (!inside && len && is_new(p, len))
			printf(" \\\n  $(wildcard %s/%.*s)", stamp_dir, (int)len, p);
		p += len;
	}
}

static void print_escaped(const char *s)
{
	for (; *s; s++) {
		if (*s == '$')
			putchar('$');
		else if (*s == '#')
			putchar('\\');
		putchar(*s);
	}
}

int main(int argc, char **argv)
{
	char *deps, *tok, *save = NULL;

	if (argc != 6) {
		fprintf(stderr, "usage: fixdep depfile target command stampdir header\n");
		return 2;
	}
	deps = strchr(read_file(argv[1]), ':');
	if (!deps) {
		fprintf(stderr, "fixdep: %s: not a list of dependencies\n", argv[1]);
		return 1;
	}
	printf("cmd_%s := ", argv[2]);
	print_escaped(argv[3]);
	printf("\ndeps_%s :=", argv[2]);
	for (tok = strtok_r(deps + 1, " \\\n\t", &save); tok; tok = strtok_r(NULL, " \\\n\t", &save)) {
		if (!strcmp(tok, argv[5]))
			continue;
		printf(" \\\n  %s", tok);
		print_options(read_file(tok), argv[4]);
	}
	printf("\n%s: $(deps_%s)\n$(deps_%s):\n", argv[2], argv[2], argv[2]);
	if (fflush(stdout) || ferror(stdout))
		die("cannot write dependencies of", argv[2]);
	unlink(argv[1]);
	return 0;
}
