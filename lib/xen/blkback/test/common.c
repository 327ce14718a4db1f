/* SPDX-License-Identifier: BSD-3-Clause */
#include "common.h"

#include <string.h>

#include <uk/test.h>

struct frontend fe, other;

bool start_rings(unsigned int order, unsigned int n_rings)
{
	fe.order = order;
	fe.n_rings = n_rings;
	return fe_connect(&fe, FE_DOM, 51712, "ram:size=1M");
}

bool start_as(bool is_persistent)
{
	fe.is_32bit = false;
	fe.is_persistent = is_persistent;
	return start_rings(0, 1);
}

bool start(void)
{
	return start_as(false);
}

void stop(void)
{
	fe_detach(&fe);
	fe_free(&fe);
	fe.order = fe.n_rings = 0;
	UK_EXPECT_EQ(uk_xensim_mappings(), 0);
}

void expect_alive(struct frontend *f)
{
	UK_EXPECT_EQ(fe_do(f, BLKIF_OP_READ, 0, 1), BLKIF_RSP_OKAY);
}

void expect_closed(void)
{
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	UK_EXPECT(!uk_xensim_port_is_bound(fe.port));
	UK_EXPECT(uk_xensim_grant_end(fe.ring_ref));
	fe.ring_ref = 0;
}

void fill(char *p, unsigned int seed)
{
	for (unsigned int i = 0; i < FE_PAGES * UK_PAGE_SIZE; i++)
		p[i] = (char)(i * 13 + i / 509 + seed);
}

void write_and_read_back(struct frontend *f, unsigned int n_segs, uint64_t sector)
{
	static char copy[FE_PAGES * UK_PAGE_SIZE];
	size_t len = n_segs * UK_PAGE_SIZE;

	fill(f->data, (unsigned int)sector);
	memcpy(copy, f->data, len);
	UK_EXPECT_EQ(fe_do(f, BLKIF_OP_WRITE, sector, n_segs), BLKIF_RSP_OKAY);
	memset(f->data, 0, len);
	UK_EXPECT_EQ(fe_do(f, BLKIF_OP_READ, sector, n_segs), BLKIF_RSP_OKAY);
	UK_EXPECT(!memcmp(f->data, copy, len));
}
