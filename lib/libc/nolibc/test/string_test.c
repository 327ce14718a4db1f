/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/test.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

/* strspn() and the like on what the compiler cannot evaluate itself */
static const char *hide(const char *s)
{
	__asm__ volatile("" : "+r"(s));
	return s;
}

UK_TEST(string, test_lengths)
{
	UK_EXPECT_EQ(strlen(hide("")), 0);
	UK_EXPECT_EQ(strlen(hide("abc")), 3);
	UK_EXPECT_EQ(strnlen(hide("abc"), 2), 2);
	UK_EXPECT_EQ(strnlen(hide("abc"), 9), 3);
}

UK_TEST(string, test_comparison_is_unsigned)
{
	UK_EXPECT_EQ(strcmp(hide("abc"), "abc"), 0);
	UK_EXPECT_EQ(sign(strcmp(hide("abc"), "abd")), -1);
	UK_EXPECT_EQ(sign(strcmp(hide("ab"), "a")), 1);
	UK_EXPECT_EQ(sign(strcmp(hide("\x80"), "\x7f")), 1);
	UK_EXPECT_EQ(strncmp(hide("abc"), "abd", 2), 0);
	UK_EXPECT_EQ(sign(strncmp(hide("abc"), "abd", 3)), -1);
	UK_EXPECT_EQ(strncmp(hide("abc"), "abc", 100), 0);
	UK_EXPECT_EQ(strcasecmp(hide("aBc"), "AbC"), 0);
	UK_EXPECT_EQ(sign(strcasecmp(hide("a"), "B")), -1);
	UK_EXPECT_EQ(strncasecmp(hide("ABx"), "aby", 2), 0);
}

UK_TEST(string, test_copies_are_terminated_and_bounded)
{
	char buf[8];

	memset(buf, 'x', sizeof(buf));
	UK_EXPECT(stpcpy(buf, hide("abc")) == buf + 3);
	UK_EXPECT_STR(buf, "abc");
	strcat(buf, hide("de"));
	UK_EXPECT_STR(buf, "abcde");
	strncat(buf, hide("fghi"), 1);
	UK_EXPECT_STR(buf, "abcdef");
	UK_EXPECT_EQ(strlcat(buf, hide("ghij"), sizeof(buf)), 10);
	UK_EXPECT_STR(buf, "abcdefg");
	UK_EXPECT_EQ(strlcpy(buf, hide("123456789"), 4), 9);
	UK_EXPECT_STR(buf, "123");
	UK_EXPECT_EQ(buf[4], 'e');
	UK_EXPECT_EQ(strlcpy(buf, hide("12"), 0), 2);
	UK_EXPECT_STR(buf, "123");
	UK_EXPECT_EQ(strlcat(buf, hide("45"), 2), 4);
	UK_EXPECT_STR(buf, "123");
	memset(buf, 'x', sizeof(buf));
	strncpy(buf, hide("ab"), 4);
	UK_EXPECT(!memcmp(buf, "ab\0\0xxxx", 8));
	strncpy(buf, hide("abcdef"), 3);
	UK_EXPECT(!memcmp(buf, "abc\0xxxx", 8));
}

UK_TEST(string, test_search)
{
	const char *s = hide("hello, hello world");

	UK_EXPECT(strchr(s, 'l') == s + 2);
	UK_EXPECT(strchr(s, 'z') == NULL);
	UK_EXPECT(strchr(s, '\0') == s + 18);
	UK_EXPECT(strchrnul(s, 'z') == s + 18);
	UK_EXPECT(strrchr(s, 'l') == s + 16);
	UK_EXPECT(strrchr(s, '\0') == s + 18);
	UK_EXPECT(strrchr(s, 'z') == NULL);
	UK_EXPECT(strstr(s, hide("hello w")) == s + 7);
	UK_EXPECT(strstr(s, hide("")) == s);
	UK_EXPECT(strstr(s, hide("worlds")) == NULL);
	UK_EXPECT(strpbrk(s, hide("wo")) == s + 4);
	UK_EXPECT(strpbrk(s, hide("xyz")) == NULL);
	UK_EXPECT(memchr(s, 'o', 4) == NULL);
	UK_EXPECT(memchr(s, 'o', 5) == s + 4);
	UK_EXPECT(memrchr(s, 'h', 18) == s + 7);
	UK_EXPECT(memmem(s, 18, hide("o w"), 3) == s + 11);
	UK_EXPECT(memmem(s, 13, hide("o w"), 3) == NULL);
	UK_EXPECT(memmem(s, 2, hide("hello"), 5) == NULL);
	UK_EXPECT_EQ(strspn(s, hide("leh")), 4);
	UK_EXPECT_EQ(strcspn(s, hide(", ")), 5);
	UK_EXPECT_EQ(strcspn(s, hide("")), 18);
}

UK_TEST(string, test_words)
{
	char buf[] = ",,a,bc,,d,", sep[] = "x::y", *save, *p;

	UK_EXPECT_STR(strtok_r(buf, ",", &save), "a");
	UK_EXPECT_STR(strtok_r(NULL, ",", &save), "bc");
	UK_EXPECT_STR(strtok_r(NULL, ",", &save), "d");
	UK_EXPECT(!strtok_r(NULL, ",", &save));
	UK_EXPECT(!strtok_r(NULL, ",", &save));
	p = sep;
	UK_EXPECT_STR(strsep(&p, ":"), "x");
	UK_EXPECT_STR(strsep(&p, ":"), "");
	UK_EXPECT_STR(strsep(&p, ":"), "y");
	UK_EXPECT(!strsep(&p, ":"));
}

UK_TEST(string, test_duplicates)
{
	char *p = strdup("abc"), *q = strndup("abcdef", 2);

	UK_EXPECT_STR(p, "abc");
	UK_EXPECT_STR(q, "ab");
	free(p);
	free(q);
}
