/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memcpy() and its family at every small size and alignment, against loops of
 * single bytes: those that the image uses, and the portable ones, which on
 * some architectures it does not.
 */
#include <uk/test.h>

#include <stdint.h>
#include <string.h>

#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#define memcpy portable_memcpy
#define memmove portable_memmove
#define memset portable_memset
#define memcmp portable_memcmp
void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
#include "../string/memcpy.c"
#include "../string/memmove.c"
#include "../string/memset.c"
#include "../string/memcmp.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp

#define MAX_SIZE 150
#define N_OFFSETS 9
#define BUF_BYTES (MAX_SIZE + 2 * N_OFFSETS + 16)

struct impl {
	void *(*copy)(void *restrict dst, const void *restrict src, size_t n);
	void *(*move)(void *dst, const void *src, size_t n);
	void *(*set)(void *dst, int c, size_t n);
	int (*compare)(const void *a, const void *b, size_t n);
};

static const struct impl impls[] = {
	{ memcpy, memmove, memset, memcmp },
	{ portable_memcpy, portable_memmove, portable_memset, portable_memcmp },
};

static unsigned char got[BUF_BYTES], want[BUF_BYTES], source[BUF_BYTES];

static void prepare(void)
{
	unsigned int i;

	for (i = 0; i < BUF_BYTES; i++) {
		got[i] = want[i] = (unsigned char)(i * 7 + 1);
		source[i] = (unsigned char)(i * 13 + 5);
	}
}

static bool is_as_wanted(void)
{
	unsigned int i;

	for (i = 0; i < BUF_BYTES; i++)
		if (got[i] != want[i])
			return false;
	return true;
}

static void bytewise(unsigned char *d, const unsigned char *s, size_t n)
{
	while (n-- > 0)
		*d++ = *s++;
}

/* Call @check for every size and pair of offsets, with every implementation. */
static void for_all(bool (*check)(const struct impl *m, size_t d, size_t s,
				  size_t n))
{
	size_t d, s, n;
	unsigned int i;

	for (i = 0; i < UK_ARRAY_SIZE(impls); i++)
		for (n = 0; n <= MAX_SIZE; n++)
			for (d = 0; d < N_OFFSETS; d++)
				for (s = 0; s < N_OFFSETS; s++)
					if (!check(&impls[i], d, s, n)) {
						uk_test_fail(__FILE_NAME__, __LINE__,
							     "implementation %u, %zu bytes, offsets %zu, %zu",
							     i, n, d, s);
						return;
					}
}

static bool copy_is_right(const struct impl *m, size_t d, size_t s, size_t n)
{
	prepare();
	bytewise(want + d, source + s, n);
	return m->copy(got + d, source + s, n) == got + d && is_as_wanted();
}

UK_TEST(mem, test_copy)
{
	for_all(copy_is_right);
}

static bool move_is_right(const struct impl *m, size_t d, size_t s, size_t n)
{
	unsigned char through[MAX_SIZE];

	prepare();
	bytewise(through, got + s, n);
	bytewise(want + d, through, n);
	return m->move(got + d, got + s, n) == got + d && is_as_wanted();
}

UK_TEST(mem, test_move_within_itself)
{
	for_all(move_is_right);
}

static bool set_is_right(const struct impl *m, size_t d, size_t s, size_t n)
{
	size_t i;

	prepare();
	for (i = 0; i < n; i++)
		want[d + i] = (unsigned char)(0xf0 + s);
	return m->set(got + d, (int)(0xfff0 + s), n) == got + d && is_as_wanted();
}

UK_TEST(mem, test_set)
{
	for_all(set_is_right);
}

static bool compare_is_right(const struct impl *m, size_t d, size_t s, size_t n)
{
	size_t at = n ? (d * 31 + s) % n : 0;

	prepare();
	bytewise(got + d, source + s, n);
	if (m->compare(got + d, source + s, n) != 0)
		return false;
	if (n == 0)
		return true;
	got[d + at] = 0xff;
	source[s + at] = 0x01;
	return m->compare(got + d, source + s, n) > 0 &&
	       m->compare(source + s, got + d, n) < 0 &&
	       m->compare(got + d, source + s, at) == 0;
}

UK_TEST(mem, test_compare)
{
	for_all(compare_is_right);
}

UK_TEST(mem, test_explicit_bzero_clears)
{
	prepare();
	explicit_bzero(got, BUF_BYTES);
	memset(want, 0, BUF_BYTES);
	UK_EXPECT(is_as_wanted());
}
