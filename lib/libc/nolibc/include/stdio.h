/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Output to the console, formatted as uk_vsnprintf() does.
 *
 * Rules
 * - stdout and stderr are both the console, without a buffer. There are no
 *   other streams: a program that needs files takes a larger libc.
 */
#ifndef UK_LIBC_STDIO_H
#define UK_LIBC_STDIO_H

#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

#define EOF (-1)
#define BUFSIZ 256

typedef struct uk_libc_file FILE;

extern FILE *const stdout;
extern FILE *const stderr;
#define stdout stdout
#define stderr stderr

int printf(const char *restrict fmt, ...) __attribute__((format(printf, 1, 2)));
int vprintf(const char *restrict fmt, va_list ap)
	__attribute__((format(printf, 1, 0)));
int fprintf(FILE *restrict f, const char *restrict fmt, ...)
	__attribute__((format(printf, 2, 3)));
int vfprintf(FILE *restrict f, const char *restrict fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
int sprintf(char *restrict buf, const char *restrict fmt, ...)
	__attribute__((format(printf, 2, 3)));
int vsprintf(char *restrict buf, const char *restrict fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
int snprintf(char *restrict buf, size_t size, const char *restrict fmt, ...)
	__attribute__((format(printf, 3, 4)));
int vsnprintf(char *restrict buf, size_t size, const char *restrict fmt,
	      va_list ap) __attribute__((format(printf, 3, 0)));
/** *@out: from malloc(), to be freed by the caller. @return length or -1. */
int asprintf(char **out, const char *restrict fmt, ...)
	__attribute__((format(printf, 2, 3)));
int vasprintf(char **out, const char *restrict fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

int puts(const char *s);
int putchar(int c);
int putc(int c, FILE *f);
int fputc(int c, FILE *f);
int fputs(const char *restrict s, FILE *restrict f);
size_t fwrite(const void *restrict p, size_t size, size_t n, FILE *restrict f);
int fflush(FILE *f);
void perror(const char *what);

#endif /* UK_LIBC_STDIO_H */
