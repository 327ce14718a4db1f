/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/print.h>
#include <uk/test.h>

#include <limits.h>
#include <stdint.h>
#include <string.h>

static char out[100];

/* Formats into out[]. @return the length the formatter claims. */
static int __attribute__((format(printf, 1, 2))) fmt(const char *f, ...)
{
	va_list ap;
	int n;

	va_start(ap, f);
	n = uk_vsnprintf(out, sizeof(out), f, ap);
	va_end(ap);
	return n;
}

#define EXPECT_FMT(want, ...)						\
	do {								\
		UK_EXPECT_EQ(fmt(__VA_ARGS__), strlen(want));		\
		UK_EXPECT_STR(out, want);				\
	} while (0)

UK_TEST(print, test_format_integers)
{
	EXPECT_FMT("0 1 -1", "%d %i %d", 0, 1, -1);
	EXPECT_FMT("2147483647 -2147483648", "%d %d", INT_MAX, INT_MIN);
	EXPECT_FMT("-9223372036854775808", "%lld", LLONG_MIN);
	EXPECT_FMT("18446744073709551615", "%llu", ULLONG_MAX);
	EXPECT_FMT("1777777777777777777777", "%llo", ULLONG_MAX);
	EXPECT_FMT("deadBEEF", "%x%X", 0xdead, 0xbeef);
	EXPECT_FMT("4294967296", "%llu", 1ULL << 32);
}

UK_TEST(print, test_format_lengths)
{
	/* Wrong on purpose: the compiler must not look */
	int (*const unchecked)(const char *f, ...) = fmt;

	UK_EXPECT_EQ(unchecked("%hhd %hhu %hd %hu", 0x1ff, 0x1ff, 0x1ffff, 0x1ffff), 15);
	UK_EXPECT_STR(out, "-1 255 -1 65535");
	/* With a precision the flag 0 means nothing */
	UK_EXPECT_EQ(unchecked("%05.3d", 42), 5);
	UK_EXPECT_STR(out, "  042");
	EXPECT_FMT("-1 -2 3", "%ld %jd %zu", -1L, (intmax_t)-2, (size_t)3);
	EXPECT_FMT("-7", "%td", (ptrdiff_t)-7);
}

UK_TEST(print, test_format_flags_width_precision)
{
	EXPECT_FMT("[   42|42   |00042|+42| 42]", "[%5d|%-5d|%05d|%+d|% d]", 42, 42, 42, 42, 42);
	EXPECT_FMT("[  042|-0042|   00]", "[%5.3d|%05d|%5.2d]", 42, -42, 0);
	EXPECT_FMT("[|     ]", "[%.0d|%5.0d]", 0, 0);
	EXPECT_FMT("0x2a 0 052 0x002a", "%#x %#x %#o %#06x", 42, 0, 42, 42);
	EXPECT_FMT("[   42|42   |042]", "[%*d|%-*d|%.*d]", 5, 42, 5, 42, 3, 42);
	EXPECT_FMT("[42   ]", "[%*d]", -5, 42);
	EXPECT_FMT("[42]", "[%.*d]", -3, 42);
}

UK_TEST(print, test_format_text)
{
	static const char raw[3] = { 'a', 'b', 'c' };
	char *volatile nothing = NULL;

	EXPECT_FMT("[  abc|abc  |ab]", "[%5s|%-5s|%.2s]", "abc", "abc", "abc");
	EXPECT_FMT("abc", "%.3s", raw);
	EXPECT_FMT("x%y", "%c%%%c", 'x', 'y');
	EXPECT_FMT("0x1000", "%p", (void *)0x1000);
	UK_EXPECT_EQ(fmt("%s", nothing), 6);
	UK_EXPECT_STR(out, "(null)");
}

UK_TEST(print, test_format_stops_at_the_end_of_the_buffer)
{
	char small[5] = "zzzz";

	UK_EXPECT_EQ(uk_snprintf(small, 4, "%s", "abcdef"), 6);
	UK_EXPECT_STR(small, "abc");
	UK_EXPECT_EQ(small[4], 0);
	UK_EXPECT_EQ(uk_snprintf(NULL, 0, "%08d", 1), 8);
	small[0] = 'q';
	UK_EXPECT_EQ(uk_snprintf(small, 1, "ab"), 2);
	UK_EXPECT_EQ(small[0], 0);
}

UK_TEST(print, test_errname)
{
	if (!IS_ENABLED(CONFIG_LIBPRINT_ERRNAMES)) {
		UK_EXPECT_STR(uk_errname(2), "E2");
		return;
	}
	UK_EXPECT_STR(uk_errname(2), "ENOENT");
	UK_EXPECT_STR(uk_errname(-110), "ETIMEDOUT");
	UK_EXPECT_STR(uk_errname(125), "ECANCELED");
	UK_EXPECT_STR(uk_errname(3333), "E3333");
	UK_EXPECT_STR(uk_errname(INT_MIN), "E2147483648");
}

/* Are the lines of @log, up to its end, "line <n>" with ascending n? */
static bool is_consecutive(char *log, unsigned int last)
{
	unsigned int n_lines = 0;
	size_t len = strlen(log);

	while (len) {
		if (log[--len] != '\n')
			return false;
		log[len] = '\0';
		while (len && log[len - 1] != '\n')
			len--;
		fmt("line %u", last - n_lines++);
		if (!strstr(log + len, out) ||
		    log[len] != (IS_ENABLED(CONFIG_LIBPRINT_TIME) ? '[' : 'l'))
			return false;
	}
	return n_lines > 2;
}

/* More messages than the ring holds, of several lengths, so that it wraps at
 * all places; nothing reaches the console. */
UK_TEST(print, test_log_keeps_the_last_whole_lines)
{
	static char all[CONFIG_LIBPRINT_LOG_BYTES + 1];
	unsigned int i;

	for (i = 0; i < CONFIG_LIBPRINT_LOG_BYTES / 4; i++) {
		uk_print(UK_LVL_DEBUG + 1, "line %u%.*s\n", i, (int)(i % 3), "..");
		if (i % 8 || i < CONFIG_LIBPRINT_LOG_BYTES / 8)
			continue;
		uk_log_tail(all, sizeof(all));
		if (!UK_EXPECT(is_consecutive(all, i)))
			return;
	}
}

UK_TEST(print, test_log_tail_fits_any_size)
{
	char tail[9] = "12345678";

	uk_print(UK_LVL_DEBUG + 1, "a line much longer than the buffer\n");
	UK_EXPECT_EQ(uk_log_tail(tail, 8), 0);
	UK_EXPECT_EQ(tail[0], 0);
	UK_EXPECT_EQ(tail[8], 0);
	UK_EXPECT_EQ(uk_log_tail(tail, 0), 0);
}

UK_TEST(print, test_log_tail_takes_a_line_that_just_fits)
{
	char tail[64];
	size_t n;

	uk_print(UK_LVL_DEBUG + 1, "last but one\n");
	uk_print(UK_LVL_DEBUG + 1, "last\n");
	n = uk_log_tail(tail, 40);
	memset(tail, 0, sizeof(tail));
	UK_EXPECT_EQ(uk_log_tail(tail, n + 1), n);
	UK_EXPECT(strstr(tail, "last\n") != NULL);
	UK_EXPECT_EQ(uk_log_tail(tail, n), 0);
}
