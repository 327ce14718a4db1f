/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rules
 * - malloc() and the like are the image's heap (<uk/alloc.h>); they set errno
 *   to ENOMEM when they fail.
 * - There is no environment: getenv() finds nothing. There are no locales,
 *   no multibyte strings, no floating point.
 */
#ifndef UK_LIBC_STDLIB_H
#define UK_LIBC_STDLIB_H

#include <stddef.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define RAND_MAX 0x7fffffff

void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t size);
void *reallocarray(void *p, size_t n, size_t size);
/** @align: a power of two, at most a page; else NULL and EINVAL. */
void *aligned_alloc(size_t align, size_t size);
/** @return 0, EINVAL or ENOMEM (positive, errno is left alone). */
int posix_memalign(void **p, size_t align, size_t size);
void free(void *p);

int atoi(const char *s);
long atol(const char *s);
long long atoll(const char *s);
/* As C11; out of range: the nearest limit and ERANGE. A bad base: EINVAL. */
long strtol(const char *restrict s, char **restrict end, int base);
unsigned long strtoul(const char *restrict s, char **restrict end, int base);
long long strtoll(const char *restrict s, char **restrict end, int base);
unsigned long long strtoull(const char *restrict s, char **restrict end,
			    int base);

static inline int abs(int x)
{
	return x < 0 ? -x : x;
}

static inline long labs(long x)
{
	return x < 0 ? -x : x;
}

static inline long long llabs(long long x)
{
	return x < 0 ? -x : x;
}

typedef struct {
	int quot, rem;
} div_t;

typedef struct {
	long quot, rem;
} ldiv_t;

static inline div_t div(int a, int b)
{
	return (div_t){ a / b, a % b };
}

static inline ldiv_t ldiv(long a, long b)
{
	return (ldiv_t){ a / b, a % b };
}

/** Heap sort: no recursion, no allocation, O(n log n) always; not stable. */
void qsort(void *base, size_t n, size_t size,
	   int (*cmp)(const void *a, const void *b));
void *bsearch(const void *key, const void *base, size_t n, size_t size,
	      int (*cmp)(const void *a, const void *b));

/** Reproducible pseudo-random numbers; not for secrets. */
int rand(void);
void srand(unsigned int seed);
int rand_r(unsigned int *seed);

char *getenv(const char *name);
int atexit(void (*fn)(void));
void exit(int status) __attribute__((noreturn));
void _Exit(int status) __attribute__((noreturn));
/** Crash, with the crash screen. */
void abort(void) __attribute__((noreturn));

#endif /* UK_LIBC_STDLIB_H */
