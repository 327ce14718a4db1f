/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/test.h>
#include <uk/xen/frontsim_input.h>

static void start(struct uk_frontsim_input *in, const char *bytes, size_t len)
{
	uk_frontsim_input_init(in, (const uint8_t *)bytes, len);
}

UK_TEST(frontsim, test_actions_end_at_their_byte)
{
	static const char bytes[] = "\x25\x01\xff\xff\x43\x01\x02\x03";
	struct uk_frontsim_input in;

	start(&in, bytes, sizeof(bytes) - 1);
	UK_EXPECT(uk_frontsim_input_next(&in));
	UK_EXPECT(in.action == 5 && in.who == 1 && !in.is_silent);
	UK_EXPECT_EQ(uk_frontsim_get2(&in), 1);		/* what is missing is 0 */
	UK_EXPECT(uk_frontsim_input_next(&in));
	UK_EXPECT(in.action == 0 && in.who == 0);
	UK_EXPECT(uk_frontsim_input_next(&in));
	UK_EXPECT(in.action == 3 && in.is_silent);
	UK_EXPECT_EQ(uk_frontsim_get4(&in), 0x030201);
	UK_EXPECT(!uk_frontsim_input_next(&in));
}

UK_TEST(frontsim, test_escaped_bytes_are_none_that_end)
{
	static const char bytes[] = "\x01\xfe\x01\xfe\x00\xfe";
	struct uk_frontsim_input in;

	start(&in, bytes, sizeof(bytes) - 1);
	UK_EXPECT(uk_frontsim_input_next(&in));
	UK_EXPECT_EQ(uk_frontsim_get2(&in), 0xfeff);
	UK_EXPECT_EQ(uk_frontsim_get(&in), 0xfe);	/* at the very end: itself */
	UK_EXPECT(!uk_frontsim_input_next(&in));
}

UK_TEST(frontsim, test_text_has_words_and_fits)
{
	static const char bytes[] = "\x00" "a\x01" "b\x10", long_[] = "\x00\x19\x19";
	struct uk_frontsim_input in;
	char text[72];

	start(&in, bytes, sizeof(bytes) - 1);
	uk_frontsim_input_next(&in);
	uk_frontsim_get_text(&in, "own", text, sizeof(text));
	UK_EXPECT_STR(text, "aownb18446744073709551615");
	start(&in, long_, sizeof(long_) - 1);
	uk_frontsim_input_next(&in);
	uk_frontsim_get_text(&in, NULL, text, sizeof(text));
	UK_EXPECT(text[0] == 'a' && !text[70]);		/* once */
}
