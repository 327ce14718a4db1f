/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/ring.h>
#include <uk/test.h>

#include <string.h>

UK_TEST(ring, test_put_takes_what_fits)
{
	char mem[8], out[16];
	struct uk_ring r = UK_RING_INIT(mem);

	UK_EXPECT_EQ(uk_ring_room(&r), 8);
	UK_EXPECT_EQ(uk_ring_put(&r, "abcdefghij", 10), 8);
	UK_EXPECT_EQ(uk_ring_put(&r, "x", 1), 0);
	UK_EXPECT_EQ(uk_ring_get(&r, out, sizeof(out)), 8);
	UK_EXPECT(!memcmp(out, "abcdefgh", 8));
	UK_EXPECT_EQ(uk_ring_get(&r, out, sizeof(out)), 0);
}

UK_TEST(ring, test_order_survives_wrapping)
{
	char mem[8], out[8];
	struct uk_ring r = UK_RING_INIT(mem);

	/* Also past the end of the indices */
	r.head = r.tail = ~0u - 20;
	for (unsigned int i = 0; i < 50; i++) {
		char in[5];

		for (unsigned int j = 0; j < sizeof(in); j++)
			in[j] = (char)(i * 5 + j);
		UK_EXPECT_EQ(uk_ring_put(&r, in, 5), 5);
		UK_EXPECT_EQ(uk_ring_used(&r), 5);
		UK_EXPECT_EQ(uk_ring_get(&r, out, 8), 5);
		if (!UK_EXPECT(!memcmp(in, out, 5)))
			return;
	}
}
