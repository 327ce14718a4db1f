/* SPDX-License-Identifier: BSD-3-Clause */
/* Streams that are all the console. */
#include <stdio.h>

#include <string.h>

#include <uk/plat/console.h>

struct uk_libc_file {
	char unused;
};

static struct uk_libc_file console;
FILE *const stdout = &console;
FILE *const stderr = &console;

size_t fwrite(const void *restrict p, size_t size, size_t n, FILE *restrict f)
{
	size_t bytes;

	(void)f;
	if (__builtin_mul_overflow(size, n, &bytes))
		return 0;
	uk_plat_console_write(p, bytes);
	return n;
}

int fputs(const char *restrict s, FILE *restrict f)
{
	fwrite(s, 1, strlen(s), f);
	return 0;
}

int fputc(int c, FILE *f)
{
	char byte = (char)c;

	fwrite(&byte, 1, 1, f);
	return (unsigned char)c;
}

int putc(int c, FILE *f)
{
	return fputc(c, f);
}

int putchar(int c)
{
	return fputc(c, stdout);
}

int puts(const char *s)
{
	fputs(s, stdout);
	putchar('\n');
	return 0;
}

int fflush(FILE *f)
{
	(void)f;
	return 0;
}
