/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/test.h>

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct conversion {
	const char *s;
	int base;
	long long value;
	int n_used;
	int err;
};

UK_TEST(stdlib, test_strtoll)
{
	static const struct conversion c[] = {
		{ "0", 10, 0, 1, 0 },
		{ " \t\n-42x", 10, -42, 6, 0 },
		{ "+7", 0, 7, 2, 0 },
		{ "0x1F", 0, 31, 4, 0 },
		{ "0X1f", 16, 31, 4, 0 },
		{ "0xg", 0, 0, 1, 0 },
		{ "0x", 16, 0, 1, 0 },
		{ "0778", 0, 63, 3, 0 },
		{ "zz", 36, 35 * 36 + 35, 2, 0 },
		{ "12", 2, 1, 1, 0 },
		{ "", 10, 0, 0, 0 },
		{ " - 1", 10, 0, 0, 0 },
		{ "9223372036854775807", 10, LLONG_MAX, 19, 0 },
		{ "9223372036854775808", 10, LLONG_MAX, 19, ERANGE },
		{ "-9223372036854775808", 10, LLONG_MIN, 20, 0 },
		{ "-9223372036854775809", 10, LLONG_MIN, 20, ERANGE },
		{ "99999999999999999999999", 10, LLONG_MAX, 23, ERANGE },
		{ "1", 1, 0, 0, EINVAL },
		{ "1", 37, 0, 0, EINVAL },
		{ "1", -1, 0, 0, EINVAL },
	};
	unsigned int i;
	char *end;

	for (i = 0; i < UK_ARRAY_SIZE(c); i++) {
		errno = 0;
		if (!UK_EXPECT_EQ(strtoll(c[i].s, &end, c[i].base), c[i].value) ||
		    !UK_EXPECT_EQ(end - c[i].s, c[i].n_used) ||
		    !UK_EXPECT_EQ(errno, c[i].err))
			uk_test_fail(__FILE_NAME__, __LINE__, "\"%s\" base %d",
				     c[i].s, c[i].base);
	}
}

UK_TEST(stdlib, test_unsigned_and_long_limits)
{
	char text[32];

	errno = 0;
	UK_EXPECT_EQ(strtoull("18446744073709551615", NULL, 10), ULLONG_MAX);
	UK_EXPECT_EQ(errno, 0);
	UK_EXPECT_EQ(strtoull("18446744073709551616", NULL, 10), ULLONG_MAX);
	UK_EXPECT_EQ(errno, ERANGE);
	UK_EXPECT_EQ(strtoull("-1", NULL, 10), ULLONG_MAX);
	snprintf(text, sizeof(text), "%ld", LONG_MIN);
	errno = 0;
	UK_EXPECT_EQ(strtol(text, NULL, 10), LONG_MIN);
	UK_EXPECT_EQ(errno, 0);
	snprintf(text, sizeof(text), "%lu0", ULONG_MAX);
	UK_EXPECT_EQ(strtoul(text, NULL, 10), ULONG_MAX);
	UK_EXPECT_EQ(errno, ERANGE);
	UK_EXPECT_EQ(atoi("-17 "), -17);
}

struct item {
	unsigned int key;
	unsigned char pad[3];
} __attribute__((packed));

static int by_key(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

UK_TEST(stdlib, test_sort_and_search)
{
	static struct item items[200];
	unsigned int seed = 5, n, i, sum, key;

	for (n = 0; n <= UK_ARRAY_SIZE(items); n += n < 20 ? 1 : 36) {
		sum = 0;
		for (i = 0; i < n; i++) {
			/* Even: an odd key is not found */
			items[i].key = (unsigned int)rand_r(&seed) % 500 * 2;
			items[i].pad[0] = items[i].pad[2] =
				(unsigned char)items[i].key;
			sum += items[i].key;
		}
		qsort(items, n, sizeof(*items), by_key);
		for (i = 0; i < n; i++) {
			const struct item *hit;

			UK_EXPECT(i == 0 || items[i - 1].key <= items[i].key);
			UK_EXPECT_EQ(items[i].pad[2], (unsigned char)items[i].key);
			sum -= items[i].key;
			hit = bsearch(&items[i], items, n, sizeof(*items), by_key);
			UK_EXPECT(hit && hit->key == items[i].key);
		}
		UK_EXPECT_EQ(sum, 0);
		key = 501;
		UK_EXPECT(!bsearch(&key, items, n, sizeof(*items), by_key));
	}
}

UK_TEST(stdlib, test_allocation_sets_errno)
{
	void *p = malloc(10);

	UK_EXPECT(p);
	errno = 0;
	UK_EXPECT(!malloc(SIZE_MAX - 100));
	UK_EXPECT_EQ(errno, ENOMEM);
	errno = 0;
	UK_EXPECT(!reallocarray(p, SIZE_MAX / 2, 3));
	UK_EXPECT_EQ(errno, ENOMEM);
	free(p);
	UK_EXPECT_EQ(posix_memalign(&p, 48, 1), EINVAL);
	UK_EXPECT_EQ(posix_memalign(&p, 64, 1), 0);
	UK_EXPECT_EQ((uintptr_t)p % 64, 0);
	free(p);
	UK_EXPECT(!aligned_alloc(3, 1));
	UK_EXPECT_EQ(errno, EINVAL);
}

UK_TEST(stdlib, test_random_numbers_repeat_with_their_seed)
{
	int a, b;

	srand(3);
	a = rand();
	b = rand();
	srand(3);
	UK_EXPECT_EQ(rand(), a);
	UK_EXPECT_EQ(rand(), b);
	UK_EXPECT(a != b);
}

UK_TEST(ctype, test_classes_of_ascii)
{
	int c, n_alpha = 0, n_space = 0, n_punct = 0, n_print = 0;

	for (c = -1; c < 256; c++) {
		n_alpha += !!isalpha(c);
		n_space += !!isspace(c);
		n_punct += !!ispunct(c);
		n_print += !!isprint(c);
		UK_EXPECT_EQ(!!isalnum(c), isalpha(c) || isdigit(c));
		UK_EXPECT_EQ(isupper(c) ? tolower(c) - c : 0, isupper(c) ? 32 : 0);
		UK_EXPECT_EQ(toupper(tolower(c)), islower(c) ? c - 32 : c);
	}
	UK_EXPECT_EQ(n_alpha, 52);
	UK_EXPECT_EQ(n_space, 6);
	UK_EXPECT_EQ(n_punct, 32);
	UK_EXPECT_EQ(n_print, 95);
	UK_EXPECT(isxdigit('f') && isxdigit('A') && !isxdigit('g') && iscntrl(127));
}

UK_TEST(stdio, test_print_to_strings)
{
	char buf[40], *p;

	UK_EXPECT_EQ(snprintf(buf, 4, "%s", "abcdef"), 6);
	UK_EXPECT_STR(buf, "abc");
	sprintf(buf, "%" PRIu64 " %" PRIx32 " %" PRIdPTR " %zd", UINT64_MAX,
		(uint32_t)0xabc, (intptr_t)-5, (ssize_t)-1);
	UK_EXPECT_STR(buf, "18446744073709551615 abc -5 -1");
	UK_EXPECT_EQ(asprintf(&p, "%300d", 7), 300);
	UK_EXPECT(p && strlen(p) == 300 && p[299] == '7');
	free(p);
}

UK_TEST(time, test_clocks_and_sleep)
{
	struct timespec a, b, ms = { .tv_nsec = 1000000 };

	UK_EXPECT_EQ(clock_gettime(CLOCK_MONOTONIC, &a), 0);
	UK_EXPECT_EQ(nanosleep(&ms, NULL), 0);
	UK_EXPECT_EQ(usleep(500), 0);
	UK_EXPECT_EQ(clock_gettime(CLOCK_MONOTONIC, &b), 0);
	UK_EXPECT((b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec >=
		  1500000);
	UK_EXPECT(b.tv_nsec >= 0 && b.tv_nsec < 1000000000);
	UK_EXPECT_EQ(clock_gettime(7, &a), -1);
	UK_EXPECT_EQ(errno, EINVAL);
	ms.tv_nsec = 1000000000;
	UK_EXPECT_EQ(nanosleep(&ms, NULL), -1);
	clock_gettime(CLOCK_REALTIME, &a);
	UK_EXPECT(time(NULL) - a.tv_sec <= 1);
}
