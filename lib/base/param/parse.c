/* SPDX-License-Identifier: BSD-3-Clause */
/* Strict numbers. Input may come from a peer: every byte is looked at once. */
#include <uk/param.h>

#include <errno.h>

/* Value of a digit, or 255: not below @base in any base we use */
static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	c |= 0x20;
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	return 255;
}

/* Digits at *@s; *@s is left at the first byte that is none. */
static int take_u64(const char **s, uint64_t *val)
{
	const char *p = *s;
	unsigned int base = 10;
	uint64_t v = 0;

	if (p[0] == '0' && (p[1] | 0x20) == 'x') {
		base = 16;
		p += 2;
	}
	if (digit(*p) >= base)
		return -EINVAL;
	for (; digit(*p) < base; p++) {
		if (__builtin_mul_overflow(v, (uint64_t)base, &v) ||
		    __builtin_add_overflow(v, (uint64_t)digit(*p), &v))
			return -ERANGE;
	}
	*s = p;
	*val = v;
	return 0;
}

int uk_parse_u64(const char *s, uint64_t *val)
{
	uint64_t v;
	int err = take_u64(&s, &v);

	if (err)
		return err;
	if (*s)
		return -EINVAL;
	*val = v;
	return 0;
}

static int size_shift(char c)
{
	switch (c | 0x20) {
	case 'k':
		return 10;
	case 'm':
		return 20;
	case 'g':
		return 30;
	case 't':
		return 40;
	default:
		return -1;
	}
}

int uk_parse_size(const char *s, uint64_t *bytes)
{
	uint64_t v;
	int shift = 0;
	int err = take_u64(&s, &v);

	if (err)
		return err;
	if (*s) {
		shift = size_shift(*s++);
		if (shift < 0 || *s)
			return -EINVAL;
	}
	if (v > UINT64_MAX >> shift)
		return -ERANGE;
	*bytes = v << shift;
	return 0;
}

int uk_parse_dec(const char *s, uint64_t max, uint64_t *val)
{
	uint64_t v;
	int err;

	if (s[0] == '0' && s[1])
		return -EINVAL;
	err = uk_parse_u64(s, &v);
	if (err)
		return err;
	if (v > max)
		return -ERANGE;
	*val = v;
	return 0;
}
