/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bytes and strings, as C and POSIX have them, and strlcpy() of BSD.
 *
 * Rules
 * - Any context, no locale, no errno. The exceptions: strdup() and strndup() take
 *   memory, which the caller gives back with free() (NULL: there is none); strtok()
 *   remembers the string for all threads together.
 */
#ifndef UK_LIBC_STRING_H
#define UK_LIBC_STRING_H

#include <stddef.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
void *memrchr(const void *s, int c, size_t n);
void *memmem(const void *hay, size_t hay_len, const void *needle,
	     size_t needle_len);

/** As memset(), and is not optimised away: for secrets. */
void explicit_bzero(void *dst, size_t n);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strcpy(char *restrict dst, const char *restrict src);
char *stpcpy(char *restrict dst, const char *restrict src);
char *strncpy(char *restrict dst, const char *restrict src, size_t n);
char *strcat(char *restrict dst, const char *restrict src);
char *strncat(char *restrict dst, const char *restrict src, size_t n);

/** Copy, or append, as much as fits into @size bytes, always NUL-terminated.
 *  @return the length that was tried: >= @size when something was cut. */
size_t strlcpy(char *restrict dst, const char *restrict src, size_t size);
size_t strlcat(char *restrict dst, const char *restrict src, size_t size);

char *strchr(const char *s, int c);
char *strchrnul(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *hay, const char *needle);
char *strpbrk(const char *s, const char *accept);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
char *strtok(char *restrict s, const char *restrict delim);
char *strtok_r(char *restrict s, const char *restrict delim,
	       char **restrict save);
char *strsep(char **s, const char *delim);

char *strdup(const char *s);
char *strndup(const char *s, size_t n);

/** "ENOENT" and the like: names, not prose; see uk_errname(). */
char *strerror(int err);

/* The compiler knows these, also in a freestanding program: what is short and of
 * a known length becomes a few instructions, the rest a call. Left to itself it moves
 * what is of unknown length a byte at a time, when it is to optimise for size. */
static inline __attribute__((always_inline)) void *
uk_memcpy_(void *restrict dst, const void *restrict src, size_t n)
{
	return __builtin_constant_p(n) ? __builtin_memcpy(dst, src, n) : memcpy(dst, src, n);
}

static inline __attribute__((always_inline)) void *uk_memset_(void *dst, int c, size_t n)
{
	return __builtin_constant_p(n) ? __builtin_memset(dst, c, n) : memset(dst, c, n);
}

#define memcpy(...) uk_memcpy_(__VA_ARGS__)
#define memset(...) uk_memset_(__VA_ARGS__)
#define memmove(...) __builtin_memmove(__VA_ARGS__)
#define memcmp(...) __builtin_memcmp(__VA_ARGS__)
#define strlen(...) __builtin_strlen(__VA_ARGS__)

/* For sources written against BSD or old headers */
#include <strings.h>

#endif /* UK_LIBC_STRING_H */
