/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A restart as frontends see it: each request is answered once, reads and writes
 * are right, no state changes; and what does not fit ends its device alone.
 *
 * One is made of its two ends: what is kept and the ring are put aside; the
 * device's directory goes, and the instance with it; then all of it comes back. The
 * disks are of this file: "held:" completes when a test says so, "flat:" is memory.
 */
#include <errno.h>
#include <string.h>

#include "common.h"
#include "../blkback_priv.h"

#include <uk/blkdev_driver.h>
#include <uk/print.h>
#include <uk/restart.h>
#include <uk/test.h>
#include <uk/thread.h>

#define KEPT_BYTES (sizeof(struct blkback_kept) + UK_XEN_LEDGER_MAP_BYTES(BLKBACK_RING_SIZE))
#define DISK_BYTES (256 * 1024)
#define SECTORS_PER_PAGE (UK_PAGE_SIZE / UK_BLK_SECTOR)

/* ---- The disks ---- */

static char disk[DISK_BYTES] uk_aligned(UK_PAGE_SIZE);
static struct uk_blkdev held, flat;
static struct uk_list pending = UK_LIST_INIT(pending);
static unsigned int n_pending;
static bool is_held;

static void complete(struct uk_list *node, int err)
{
	struct uk_blk_req *req = UK_LIST_ENTRY(node, struct uk_blk_req, node);
	char *at = disk + req->sector * UK_BLK_SECTOR;

	uk_list_del(node);
	n_pending--;
	for (unsigned int i = 0; i < req->n_sg && !err; i++) {
		if (req->op == UK_BLK_WRITE)
			memcpy(at, req->sg[i].va, req->sg[i].len_bytes);
		else
			memcpy(req->sg[i].va, at, req->sg[i].len_bytes);
		at += req->sg[i].len_bytes;
	}
	req->done(req, err);
}

static void disk_submit(struct uk_blkdev *dev uk_unused, struct uk_blk_req *req)
{
	uk_list_add_tail(&pending, &req->node);
	n_pending++;
	if (!is_held)
		complete(&req->node, 0);
}

static void *disk_window(struct uk_blkdev *dev uk_unused, uint64_t offset,
			 bool is_write uk_unused, size_t *len_bytes)
{
	*len_bytes = UK_PAGE_SIZE - offset % UK_PAGE_SIZE;
	return disk + offset;
}

static void disk_close(struct uk_blkdev *dev uk_unused)
{
}

static const struct uk_blkdev_ops held_ops = { .submit = disk_submit, .close = disk_close };
static const struct uk_blkdev_ops flat_ops = {
	.submit = disk_submit, .window = disk_window, .close = disk_close,
};

static int held_open(const char *options uk_unused, bool is_readonly uk_unused,
		     struct uk_blkdev **dev, char *why uk_unused)
{
	*dev = &held;
	return 0;
}

static int flat_open(const char *options uk_unused, bool is_readonly uk_unused,
		     struct uk_blkdev **dev, char *why uk_unused)
{
	*dev = &flat;
	return 0;
}

static struct uk_blkdev_driver held_driver = { .prefix = "held", .open = held_open };
static struct uk_blkdev_driver flat_driver = { .prefix = "flat", .open = flat_open };

static void prepare_disk(struct uk_blkdev *dev, const struct uk_blkdev_ops *ops,
			 struct uk_blkdev_driver *drv)
{
	uk_blkdev_register(drv);
	uk_blkdev_init(dev, ops);
	dev->info.sectors = DISK_BYTES / UK_BLK_SECTOR;
	dev->info.can_flush = true;
}

static const char *target;

static bool start_on(const char *which)
{
	static bool is_prepared;

	if (!is_prepared) {
		prepare_disk(&held, &held_ops, &held_driver);
		prepare_disk(&flat, &flat_ops, &flat_driver);
	}
	is_prepared = true;
	is_held = false;
	held.info.is_new = false;
	target = which;
	memset(disk, 0, sizeof(disk));
	return fe_connect(&fe, FE_DOM, 51712, which);
}

static void wait_pending(unsigned int n)
{
	for (int i = 0; i < 2000 && n_pending != n; i++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(n_pending, n);
}

/* Of the pending ones */
static uint64_t sector_of(unsigned int n)
{
	struct uk_list *node = pending.next;

	while (n--)
		node = node->next;
	return UK_LIST_ENTRY(node, struct uk_blk_req, node)->sector;
}

/* ---- The restart ---- */

/* What the life before leaves: a test may spoil it between leave() and come_back(). */
static struct {
	char ring[UK_PAGE_SIZE];
	union {
		struct blkback_kept kept;
		char bytes[KEPT_BYTES];
	};
	bool has_kept;
} left;
static unsigned long n_writes;

static struct uk_xen_ring_wire *left_ring(void)
{
	return (void *)left.ring;
}

static void *kept_of(const struct frontend *f, bool *is_inherited)
{
	char name[32];

	uk_snprintf(name, sizeof(name), "blkback/%u/%u", f->sim.dom, f->sim.id);
	return uk_keep(name, KEPT_BYTES, is_inherited);
}

static void leave(void)
{
	unsigned int n_watches = uk_xensim_xs_watches();
	bool is_inherited;
	const void *kept;

	uk_keep_simulate_restart();
	kept = kept_of(&fe, &is_inherited);
	UK_EXPECT(kept && is_inherited);
	memcpy(left.bytes, kept, KEPT_BYTES);
	memcpy(left.ring, fe.ring, UK_PAGE_SIZE);
	left.has_kept = true;
	uk_frontsim_leave(&fe.sim);
	while (uk_xensim_port_is_bound(fe.port)) {
		while (n_pending)
			complete(pending.next, -EIO);
		uk_thread_yield();
	}
	/* Who is slow would take the nodes of the next life for its own */
	while (uk_xensim_xs_watches() == n_watches)
		uk_thread_yield();
	uk_thread_sleep_ns(3 * UK_NSEC_PER_MSEC);
}

/* The next life. It writes nothing where it resumes. */
static void come_back(void)
{
	bool is_inherited;
	void *kept;

	memcpy(fe.ring, left.ring, UK_PAGE_SIZE);
	if (left.has_kept) {
		kept = kept_of(&fe, &is_inherited);
		if (UK_EXPECT(kept && !is_inherited))
			memcpy(kept, left.bytes, KEPT_BYTES);
	}
	uk_keep_simulate_restart();
	uk_frontsim_write_be(&fe.sim, "params", "%s", target);
	uk_frontsim_write_be(&fe.sim, "mode", "w");
	n_writes = uk_xensim_xs_image_writes();
	uk_frontsim_inherit(&fe.sim);
	for (int i = 0; i < 1000 && !uk_xensim_port_is_bound(fe.port) &&
			uk_xensim_xs_image_writes() == n_writes; i++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
}

static void expect_resumed(void)
{
	UK_EXPECT(uk_xensim_port_is_bound(fe.port));
	UK_EXPECT_EQ(uk_xensim_xs_image_writes(), n_writes);
	UK_EXPECT_EQ(uk_frontsim_be_state(&fe.sim), 4);
}

static void restart(void)
{
	leave();
	come_back();
	expect_resumed();
}

/* The next @n answers are these ids, in any order, each once, and good. */
static void expect_answers(const uint64_t *ids, unsigned int n)
{
	bool is_seen[FE_RING_SIZE] = { false };
	uint64_t id;

	for (unsigned int i = 0; i < n; i++) {
		unsigned int at = 0;

		UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_OKAY);
		while (at < n && (ids[at] != id || is_seen[at]))
			at++;
		if (UK_EXPECT(at < n))
			is_seen[at] = true;
	}
	uk_thread_sleep_ns(2 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(fe.ring->rsp_prod, fe.rsp_cons);
}

/* ---- What was under way ---- */

static void put_write(uint64_t page, uint64_t id)
{
	fe_put(&fe, BLKIF_OP_WRITE, page * SECTORS_PER_PAGE, 1, id);
}

UK_TEST(blkback_resume, test_taken_requests_are_done_again_in_order)
{
	static const uint64_t ids[] = { 10, 12, 13, 14 };
	unsigned int kicks;
	uint64_t id;

	if (!start_on("held:"))
		return;
	is_held = true;
	fill(fe.data, 1);
	for (unsigned int i = 0; i < 4; i++)
		put_write(i, 10 + i);
	fe_put(&fe, BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 14);
	fe_push(&fe);
	wait_pending(5);
	complete(pending.next->next, 0);
	UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(id, 11);
	leave();
	kicks = uk_xensim_port_kicks(fe.port);
	come_back();
	expect_resumed();
	UK_EXPECT(uk_xensim_port_kicks(fe.port) > kicks);
	wait_pending(4);
	UK_EXPECT(sector_of(0) == 0 && sector_of(1) == 2 * SECTORS_PER_PAGE &&
		  sector_of(2) == 3 * SECTORS_PER_PAGE);
	UK_EXPECT_EQ(UK_LIST_ENTRY(pending.prev, struct uk_blk_req, node)->op, UK_BLK_FLUSH);
	while (n_pending)
		complete(pending.prev, 0);
	expect_answers(ids, UK_ARRAY_SIZE(ids));
	for (unsigned int i = 0; i < 4; i++)
		UK_EXPECT(!memcmp(disk + i * UK_PAGE_SIZE, fe.data, UK_PAGE_SIZE));
	is_held = false;
	expect_alive(&fe);
	stop();
}

/* It ended in a turn: answers were put, out of order, and the frontend was not
 * told. */
UK_TEST(blkback_resume, test_answers_that_were_not_pushed_are_given_again)
{
	static const uint64_t ids[] = { 20, 21, 22, 23 };

	if (!start_on("held:"))
		return;
	is_held = true;
	for (unsigned int i = 0; i < 4; i++)
		put_write(i, 20 + i);
	fe_push(&fe);
	wait_pending(4);
	complete(pending.prev, 0);
	complete(pending.next->next, 0);
	uk_thread_sleep_ns(2 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(fe.ring->rsp_prod, 2);
	leave();
	left_ring()->rsp_prod = 0;
	is_held = false;
	come_back();
	expect_resumed();
	expect_answers(ids, UK_ARRAY_SIZE(ids));
	stop();
}

UK_TEST(blkback_resume, test_batch_on_a_disk_of_memory_is_done_again)
{
	static const uint64_t ids[] = { 30, 31, 32 };

	for (int abi = 0; abi < 2; abi++) {
		fe.is_32bit = abi;
		if (!start_on("flat:"))
			return;
		fill(fe.data, 3);
		for (unsigned int i = 0; i < 3; i++)
			put_write(i, 30 + i);
		fe_push(&fe);
		uk_thread_sleep_ns(2 * UK_NSEC_PER_MSEC);
		UK_EXPECT_EQ(fe.ring->rsp_prod, 3);
		memset(disk, 0, sizeof(disk));
		leave();
		left_ring()->rsp_prod = 0;
		come_back();
		expect_resumed();
		expect_answers(ids, UK_ARRAY_SIZE(ids));
		for (unsigned int i = 0; i < 3; i++)
			UK_EXPECT(!memcmp(disk + i * UK_PAGE_SIZE, fe.data, UK_PAGE_SIZE));
		stop();
	}
	fe.is_32bit = false;
}

/* Sent while nobody listened, and while the event went nowhere. */
UK_TEST(blkback_resume, test_requests_of_meanwhile_are_served)
{
	static const uint64_t ids[] = { 40 };

	if (!start_on("flat:"))
		return;
	leave();
	put_write(1, 40);
	fe_push(&fe);
	memcpy(left.ring, fe.ring, UK_PAGE_SIZE);
	come_back();
	expect_resumed();
	expect_answers(ids, 1);
	stop();
}

UK_TEST(blkback_resume, test_persistent_grants_are_mapped_again)
{
	fe.is_persistent = true;
	if (!start_on("flat:"))
		return;
	expect_alive(&fe);
	restart();
	write_and_read_back(&fe, 11, 8);
	stop();
	fe.is_persistent = false;
}

/* A write to each of 32 pages at a time, over and over, completed in any order, with
 * a restart now and then, some of them before what was put was pushed: at the end
 * each page has what was written to it last. */
struct model {
	uint32_t random;
	unsigned int version[FE_RING_SIZE];	/* of each page */
	bool is_out[FE_RING_SIZE];
	unsigned int n_out, n_restarts;
};

static void model_write(struct model *m)
{
	unsigned int page = uk_frontsim_random(&m->random) % FE_PAGES;

	if (m->is_out[page])
		return;
	m->is_out[page] = true;
	m->n_out++;
	memset(fe.data + page * UK_PAGE_SIZE, (int)++m->version[page], UK_PAGE_SIZE);
	fe_put(&fe, BLKIF_OP_WRITE, page * SECTORS_PER_PAGE, 1, page);
	((struct blkback_wire_req64 *)fe_slot(&fe, fe.req_prod - 1))->seg[0].gref = fe.refs[page];
	fe_push(&fe);
}

static void model_answers(struct model *m)
{
	uint64_t id;

	while (fe.ring->rsp_prod != fe.rsp_cons) {
		UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_OKAY);
		if (!UK_EXPECT(id < FE_PAGES && m->is_out[id]))
			return;
		m->is_out[id] = false;
		m->n_out--;
		UK_EXPECT_EQ(disk[id * UK_PAGE_SIZE + 99], (char)m->version[id]);
	}
}

static void model_restart(struct model *m)
{
	leave();
	/* Answers that the frontend has not seen */
	left_ring()->rsp_prod -= uk_frontsim_random(&m->random) %
				 (left_ring()->rsp_prod - fe.rsp_cons + 1);
	come_back();
	expect_resumed();
	m->n_restarts++;
}

static void model_step(struct model *m)
{
	uint32_t r = uk_frontsim_random(&m->random) % 64;

	if (r == 0)
		model_restart(m);
	else if (r < 24)
		model_write(m);
	else if (r < 40 && n_pending)
		complete(r % 2 ? pending.next : pending.prev, 0);
	else if (r < 48)
		model_answers(m);
	else
		uk_thread_yield();
}

UK_TEST(blkback_resume, test_restarts_under_load_lose_and_tear_nothing)
{
	struct model m = { .random = 7 };

	if (!start_on("held:"))
		return;
	is_held = true;
	for (int i = 0; i < 4000; i++)
		model_step(&m);
	is_held = false;
	while (n_pending)
		complete(pending.next, 0);
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	model_answers(&m);
	UK_EXPECT_EQ(m.n_out, 0);
	UK_EXPECT(m.n_restarts > 20);
	for (unsigned int i = 0; i < FE_PAGES; i++)
		UK_EXPECT_EQ(disk[i * UK_PAGE_SIZE + 4095], (char)m.version[i]);
	stop();
}

/* ---- What does not fit ---- */

/* fe with two requests that are held, and another disk; fe in the test's hands. */
static bool start_both(void)
{
	if (!start_on("held:") ||
	    !fe_connect(&other, OTHER_DOM, 51712, "ram:size=1M"))
		return false;
	is_held = true;
	put_write(0, 50);
	put_write(1, 51);
	fe_push(&fe);
	wait_pending(2);
	leave();
	is_held = false;
	return true;
}

static void stop_both(void)
{
	fe_detach(&fe);
	fe_free(&fe);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
	fe_detach(&other);
	fe_free(&other);
	UK_EXPECT_EQ(uk_xensim_mappings(), 0);
}

static void expect_given_up(const char *error)
{
	come_back();
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	UK_EXPECT(!uk_xensim_port_is_bound(fe.port));
	UK_EXPECT(uk_frontsim_has_error(&fe.sim, error));
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
	expect_alive(&other);
}

static void spoil_nothing_kept(void)
{
	left.has_kept = false;
}

static void spoil_req_prod(void)
{
	left_ring()->req_prod += FE_RING_SIZE;
}

static void spoil_req_prod_back(void)
{
	left_ring()->req_prod = 1;
}

static void spoil_rsp_prod(void)
{
	left_ring()->rsp_prod += 3;
}

static void spoil_ref(void)
{
	left.kept.ring_ref++;
}

static void spoil_port(void)
{
	left.kept.remote_port++;
}

static void spoil_abi(void)
{
	left.kept.abi = BLKBACK_ABI_32;
}

static void spoil_taken(void)
{
	left.kept.ledger.req_cons += 5;
}

static void spoil_map(void)
{
	left.kept.ledger.map[40] = 255;
}

UK_TEST(blkback_resume, test_what_does_not_fit_ends_its_device_alone)
{
	static void (*const spoilers[])(void) = {
		spoil_nothing_kept, spoil_req_prod, spoil_req_prod_back, spoil_rsp_prod, spoil_ref,
		spoil_port, spoil_abi, spoil_taken, spoil_map,
	};

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(spoilers); i++) {
		if (!start_both())
			return;
		spoilers[i]();
		expect_given_up("cannot be resumed");
		stop_both();
	}
}

/* A kept request is checked as one of the ring's. */
UK_TEST(blkback_resume, test_damaged_request_is_an_error)
{
	unsigned int slot;

	if (!start_both())
		return;
	slot = left.kept.ledger.map[0];
	memset(left.kept.raw[slot], 255, sizeof(left.kept.raw[slot]));
	come_back();
	expect_resumed();
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_EOPNOTSUPP);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	expect_alive(&fe);
	stop_both();
}

UK_TEST(blkback_resume, test_disk_that_is_another_is_not_resumed)
{
	if (!start_both())
		return;
	held.info.is_new = true;
	come_back();
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	UK_EXPECT(uk_frontsim_has_error(&fe.sim, "ended with the restart"));
	UK_EXPECT(fe_wait(&fe, "state", NULL));
	expect_alive(&other);
	fe_free(&fe);
	fe_detach(&other);
	fe_free(&other);
	UK_EXPECT_EQ(uk_xensim_mappings(), 0);
}

UK_TEST(blkback_resume, test_random_damage_ends_at_most_its_device)
{
	uint32_t state = 3;

	for (int i = 0; i < 30; i++) {
		if (!start_both())
			return;
		for (unsigned int n = uk_frontsim_random(&state) % 6 + 1; n; n--) {
			uint32_t r = uk_frontsim_random(&state);

			left.bytes[r % KEPT_BYTES] = (char)(r >> 24);
			if (r & 1 << 20)
				left.ring[(r >> 12) % 80] = (char)r;
		}
		come_back();
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
		UK_EXPECT(uk_frontsim_be_state(&fe.sim) == 4 || uk_frontsim_be_state(&fe.sim) == 6);
		expect_alive(&other);
		stop_both();
	}
}
