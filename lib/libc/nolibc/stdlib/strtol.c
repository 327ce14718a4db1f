/* SPDX-License-Identifier: BSD-3-Clause */
/* Strings to integers: one parser, and the range of each type. */
#include <stdlib.h>

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct number {
	uint64_t magnitude;
	bool is_negative;
	bool is_too_large;	/* for 64 bits */
};

static unsigned int digit_of(char c)
{
	if (isdigit(c))
		return (unsigned int)(c - '0');
	if (isalpha(c))
		return (unsigned int)(tolower(c) - 'a') + 10;
	return UINT_MAX;
}

static void add_digit(struct number *n, unsigned int base, unsigned int digit)
{
	/* In halves: overflow shows without a division */
	uint64_t low = (n->magnitude & UINT32_MAX) * base + digit;
	uint64_t high = (n->magnitude >> 32) * base + (low >> 32);

	if (high > UINT32_MAX)
		n->is_too_large = true;
	n->magnitude = high << 32 | (low & UINT32_MAX);
}

/* Skip "0x", "0" and the like. @return the base. */
static unsigned int find_base(const char **s, int base)
{
	if ((base == 0 || base == 16) && (*s)[0] == '0' &&
	    ((*s)[1] | 32) == 'x' && digit_of((*s)[2]) < 16) {
		*s += 2;
		return 16;
	}
	if (base == 0)
		return **s == '0' ? 8 : 10;
	return (unsigned int)base;
}

static struct number parse(const char *s, char **end, int want_base)
{
	struct number n = { 0 };
	unsigned int base;
	const char *p = s, *digits;

	if (want_base < 0 || want_base == 1 || want_base > 36) {
		errno = EINVAL;
		goto out;
	}
	while (isspace(*p))
		p++;
	if (*p == '-' || *p == '+')
		n.is_negative = *p++ == '-';
	base = find_base(&p, want_base);
	for (digits = p; digit_of(*p) < base; p++)
		add_digit(&n, base, digit_of(*p));
	if (p != digits)
		s = p;
out:
	if (end)
		*end = (char *)s;
	return n;
}

static long long parse_signed(const char *s, char **end, int base,
			      long long min, long long max)
{
	struct number n = parse(s, end, base);
	uint64_t limit = n.is_negative ? -(uint64_t)min : (uint64_t)max;

	if (n.is_too_large || n.magnitude > limit) {
		errno = ERANGE;
		return n.is_negative ? min : max;
	}
	return (long long)(n.is_negative ? -n.magnitude : n.magnitude);
}

static unsigned long long parse_unsigned(const char *s, char **end, int base,
					 unsigned long long max)
{
	struct number n = parse(s, end, base);

	if (n.is_too_large || n.magnitude > max) {
		errno = ERANGE;
		return max;
	}
	return n.is_negative ? -n.magnitude : n.magnitude;
}

long strtol(const char *restrict s, char **restrict end, int base)
{
	return (long)parse_signed(s, end, base, LONG_MIN, LONG_MAX);
}

long long strtoll(const char *restrict s, char **restrict end, int base)
{
	return parse_signed(s, end, base, LLONG_MIN, LLONG_MAX);
}

unsigned long strtoul(const char *restrict s, char **restrict end, int base)
{
	return (unsigned long)parse_unsigned(s, end, base, ULONG_MAX);
}

unsigned long long strtoull(const char *restrict s, char **restrict end,
			    int base)
{
	return parse_unsigned(s, end, base, ULLONG_MAX);
}

int atoi(const char *s)
{
	return (int)strtol(s, NULL, 10);
}

long atol(const char *s)
{
	return strtol(s, NULL, 10);
}

long long atoll(const char *s)
{
	return strtoll(s, NULL, 10);
}
