/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/param.h>
#include <uk/test.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "../param_priv.h"

static bool flag;
static int number;
static uint64_t big, size;
static const char *text;

UK_PARAM(test_flag, "ptest.flag", UK_PARAM_BOOL, &flag, "for the test");
UK_PARAM(test_number, "ptest.number", UK_PARAM_INT, &number, "for the test");
UK_PARAM(test_big, "ptest.big", UK_PARAM_U64, &big, "for the test");
UK_PARAM(test_size, "ptest.size", UK_PARAM_SIZE, &size, "for the test");
UK_PARAM(test_text, "ptest.text", UK_PARAM_STR, &text, "for the test");

static void reset(void)
{
	flag = false;
	number = 7;
	big = 7;
	size = 7;
	text = "seven";
}

/* Not uk_param_parse(): its copy of the line is where main()'s argv lives. */
static char *parse(const char *words)
{
	static char line[256];

	strncpy(line, words, sizeof(line) - 1);
	return param_set_all(line);
}

UK_TEST(param, test_every_type_is_set)
{
	reset();
	parse("ptest.flag ptest.number=-12 ptest.big=0xffffffffffffffff "
	      "ptest.size=3M ptest.text=\"two words\"");
	UK_EXPECT(flag);
	UK_EXPECT_EQ(number, -12);
	UK_EXPECT_EQ(big, UINT64_MAX);
	UK_EXPECT_EQ(size, 3 << 20);
	UK_EXPECT_STR(text, "two words");
	parse("ptest.flag=off ptest.text=");
	UK_EXPECT(!flag);
	UK_EXPECT_STR(text, "");
}

/* Prints a warning each */
UK_TEST(param, test_bad_values_leave_the_default)
{
	reset();
	parse("ptest.flag=maybe ptest.number=1x ptest.number=2147483648 ptest.number "
	      "ptest.big=-1 ptest.size=3X ptest.tex=near ptest.nothing=1");
	UK_EXPECT(!flag);
	UK_EXPECT_EQ(number, 7);
	UK_EXPECT_EQ(big, 7);
	UK_EXPECT_EQ(size, 7);
	UK_EXPECT_STR(text, "seven");
}

UK_TEST(param, test_extreme_integers)
{
	reset();
	parse("ptest.number=-2147483648");
	UK_EXPECT_EQ(number, INT_MIN);
	parse("ptest.number=-2147483649");
	UK_EXPECT_EQ(number, INT_MIN);
}

UK_TEST(param, test_dashes_end_the_parameters)
{
	char *rest;

	reset();
	rest = parse(" ptest.number=1 -- ptest.number=2 'a b'  c");
	UK_EXPECT_EQ(number, 1);
	UK_EXPECT_STR(uk_param_word(&rest), "ptest.number=2");
	UK_EXPECT_STR(uk_param_word(&rest), "a b");
	UK_EXPECT_STR(uk_param_word(&rest), "c");
	UK_EXPECT(!uk_param_word(&rest));
	rest = parse("ptest.number=3");
	UK_EXPECT(!uk_param_word(&rest));
}

UK_TEST(param, test_words_and_quotes)
{
	char line[] = "\t''  a\"b c\"d '\"' open\"to the end ";
	char *pos = line;

	UK_EXPECT_STR(uk_param_word(&pos), "");
	UK_EXPECT_STR(uk_param_word(&pos), "ab cd");
	UK_EXPECT_STR(uk_param_word(&pos), "\"");
	UK_EXPECT_STR(uk_param_word(&pos), "opento the end ");
	UK_EXPECT(!uk_param_word(&pos));
}

/* Words lie in the line, one after the other, and are no longer than it; the
 * line fills its array, so a sanitizer sees a step beyond. */
UK_TEST(param, test_random_lines_are_cut_within_bounds)
{
	static const char letters[] = "ab= \t\"'-";
	unsigned int seed = 1;

	for (unsigned int round = 0; round < 20000; round++) {
		char line[13];
		char *pos = line, *end = line, *word;

		for (unsigned int i = 0; i < sizeof(line) - 1; i++) {
			seed = seed * 1103515245 + 12345;
			line[i] = letters[(seed >> 16) % sizeof(letters)];
		}
		line[sizeof(line) - 1] = '\0';
		while ((word = uk_param_word(&pos))) {
			bool is_inside = word >= end && pos < line + sizeof(line) &&
					 word + strlen(word) <= pos;

			if (!UK_EXPECT(is_inside))
				return;
			end = pos;
		}
	}
}

UK_TEST(param, test_parse_u64_is_strict)
{
	uint64_t v = 1;

	UK_EXPECT_EQ(uk_parse_u64("18446744073709551615", &v), 0);
	UK_EXPECT_EQ(v, UINT64_MAX);
	UK_EXPECT_EQ(uk_parse_u64("18446744073709551616", &v), -ERANGE);
	UK_EXPECT_EQ(uk_parse_u64("0x10000000000000000", &v), -ERANGE);
	UK_EXPECT_EQ(uk_parse_u64("", &v), -EINVAL);
	UK_EXPECT_EQ(uk_parse_u64("0x", &v), -EINVAL);
	UK_EXPECT_EQ(uk_parse_u64(" 1", &v), -EINVAL);
	UK_EXPECT_EQ(uk_parse_u64("1 ", &v), -EINVAL);
	UK_EXPECT_EQ(uk_parse_u64("+1", &v), -EINVAL);
	UK_EXPECT_EQ(uk_parse_u64("ff", &v), -EINVAL);
	UK_EXPECT_EQ(v, UINT64_MAX);
}

UK_TEST(param, test_parse_size_suffixes)
{
	uint64_t v = 0;

	UK_EXPECT_EQ(uk_parse_size("1k", &v), 0);
	UK_EXPECT_EQ(v, 1024);
	UK_EXPECT_EQ(uk_parse_size("0x2T", &v), 0);
	UK_EXPECT_EQ(v, 2LL << 40);
	UK_EXPECT_EQ(uk_parse_size("16777216T", &v), -ERANGE);
	UK_EXPECT_EQ(uk_parse_size("1kk", &v), -EINVAL);
	UK_EXPECT_EQ(uk_parse_size("k", &v), -EINVAL);
}

UK_TEST(param, test_parse_dec_as_xenstore_writes_it)
{
	uint64_t v = 0;

	UK_EXPECT_EQ(uk_parse_dec("0", 10, &v), 0);
	UK_EXPECT_EQ(v, 0);
	UK_EXPECT_EQ(uk_parse_dec("10", 10, &v), 0);
	UK_EXPECT_EQ(v, 10);
	UK_EXPECT_EQ(uk_parse_dec("11", 10, &v), -ERANGE);
	UK_EXPECT_EQ(uk_parse_dec("010", 10, &v), -EINVAL);
	UK_EXPECT_EQ(uk_parse_dec("0x1", 10, &v), -EINVAL);
	UK_EXPECT_EQ(uk_parse_dec("00", 10, &v), -EINVAL);
	UK_EXPECT_EQ(uk_parse_dec("", 10, &v), -EINVAL);
	UK_EXPECT_EQ(uk_parse_dec("-1", 10, &v), -EINVAL);
}

UK_TEST(param, test_split_cuts_at_a_word_of_two_dashes)
{
	char line[] = "--event 5 a--b -- ptest.number=3";
	char plain[] = "--event 5";
	char last[] = "a --";

	UK_EXPECT_STR(param_split(line), " ptest.number=3");
	UK_EXPECT_STR(line, "--event 5 a--b ");
	UK_EXPECT_STR(param_split(plain), "");
	UK_EXPECT_STR(plain, "--event 5");
	UK_EXPECT_STR(param_split(last), "");
	UK_EXPECT_STR(last, "a ");
}
