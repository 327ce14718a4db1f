/* SPDX-License-Identifier: BSD-3-Clause */
#include "common.h"

#include <string.h>

#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

struct uk_blk blk;
char why[UK_BLK_WHY_BYTES];
char buf[BUF_BYTES] uk_aligned(UK_PAGE_SIZE);

struct uk_frontsim_use before;

void fill(unsigned int seed, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = (char)(i * 13 + i / 509 + seed * 7 + 1);
}

bool is_filled(unsigned int seed, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (buf[i] != (char)(i * 13 + i / 509 + seed * 7 + 1))
			return false;
	return true;
}

bool wait_disk(const char *name)
{
	struct uk_blk look = { .is_readonly = true };

	for (int ms = 0; ms < 5000; ms++) {
		if (!uk_blk_open(&look, name, why)) {
			uk_blk_close(&look);
			return true;
		}
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	}
	uk_test_fail(__FILE_NAME__, __LINE__, "no %s: %s", name, why);
	return false;
}

/* Directories stay that others are made in. */
static void make_parents(void)
{
	static const char *const nodes[] = {
		"/local/domain/5/backend/vbd/7/none", "/local/domain/7/device/vbd/none",
	};

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(nodes); i++) {
		uk_xensim_xs_write(nodes[i], "");
		uk_xensim_xs_rm(nodes[i]);
	}
}

bool start_with(unsigned int id, const char *name)
{
	be_start_thread();
	make_parents();
	before = uk_frontsim_use();
	be_attach(id);
	if (!be_connect() || !wait_disk(name))
		return false;
	return UK_EXPECT_EQ(uk_blk_open(&blk, name, why), 0);
}

bool start(void)
{
	be_new();
	return start_with(XVDA, "xvda");
}

void expect_gone(void)
{
	const char *differs = NULL;

	for (int ms = 0; ms < 3000; ms++) {
		struct uk_frontsim_use now = uk_frontsim_use();

		differs = uk_frontsim_use_differs(&before, &now);
		if (!differs)
			break;
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	}
	UK_EXPECT_STR(differs ? differs : "nothing", "nothing");
	UK_EXPECT_EQ(uk_xensim_granted_n(), 0);
}

void stop(void)
{
	if (blk.dev)
		uk_blk_close(&blk);
	be_detach();
	expect_gone();
	be_new();
}

void expect_alive(void)
{
	static unsigned int seed = 100;

	seed++;
	fill(seed, 3 * UK_PAGE_SIZE);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_WRITE, 16, 24, buf), 0);
	UK_EXPECT(!memcmp(be_disk + 16 * 512, buf, 3 * UK_PAGE_SIZE));
	memset(buf, 0, 3 * UK_PAGE_SIZE);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_READ, 16, 24, buf), 0);
	UK_EXPECT(is_filled(seed, 3 * UK_PAGE_SIZE));
}

static void on_done(struct uk_blk_req *req, int err)
{
	struct async *a = UK_CONTAINER_OF(req, struct async, req);

	UK_EXPECT(!a->is_done);
	a->is_done = true;
	a->err = err;
}

void submit(struct async *a, enum uk_blk_op op, uint64_t sector, void *va, uint32_t len)
{
	*a = (struct async) {
		.req = { .op = op, .sector = sector, .sg = a->sg, .n_sg = va ? 1 : 0,
			 .n_sectors = len / 512, .done = on_done },
		.sg = { { va, len } },
	};
	uk_list_init(&a->req.node);
	uk_blk_submit(&blk, &a->req);
}

int wait_done(struct async *a)
{
	for (int ms = 0; ms < 5000 && !a->is_done; ms++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	return a->is_done ? a->err : 1;
}

struct async lost[N_LOST];

void lose_some(void)
{
	struct be_req req;

	be.is_silent = true;
	fill(50, 40 * UK_PAGE_SIZE);
	memset(buf + 33 * UK_PAGE_SIZE, 0, UK_PAGE_SIZE);
	submit(&lost[0], UK_BLK_WRITE, 1000, buf, 32 * UK_PAGE_SIZE);
	submit(&lost[1], UK_BLK_READ, 3000, buf + 33 * UK_PAGE_SIZE, 512);
	submit(&lost[2], UK_BLK_FLUSH, 0, NULL, 0);
	be_take(&req);
}

void expect_found(void)
{
	memset(be_disk + 3000 * 512, 'f', 512);
	be.is_silent = false;
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(lost); i++)
		UK_EXPECT_EQ(wait_done(&lost[i]), 0);
	UK_EXPECT_EQ(buf[33 * UK_PAGE_SIZE], 'f');
	UK_EXPECT_EQ(buf[33 * UK_PAGE_SIZE + 512], 0);
	fill(50, 32 * UK_PAGE_SIZE);
	UK_EXPECT(!memcmp(be_disk + 1000 * 512, buf, 32 * UK_PAGE_SIZE));
	expect_alive();
}
