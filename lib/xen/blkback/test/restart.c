/* SPDX-License-Identifier: BSD-3-Clause */
#include "restart.h"

#include <errno.h>
#include <string.h>

#include <uk/blkdev_driver.h>
#include <uk/print.h>
#include <uk/restart.h>
#include <uk/test.h>
#include <uk/thread.h>

/* ---- The disks ---- */

char disk[DISK_BYTES] uk_aligned(UK_PAGE_SIZE);
struct uk_blkdev held;
struct uk_list pending = UK_LIST_INIT(pending);
unsigned int n_pending;
bool is_held;

static struct uk_blkdev flat;

void complete(struct uk_list *node, int err)
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

bool start_on(const char *which)
{
	static bool is_prepared;

	if (!is_prepared) {
		prepare_disk(&held, &held_ops, &held_driver);
		prepare_disk(&flat, &flat_ops, &flat_driver);
	}
	is_prepared = true;
	is_held = false;
	held.info.is_new = false;
	held.info.sectors = DISK_BYTES / UK_BLK_SECTOR;
	held.info.sector_bytes = UK_BLK_SECTOR;
	target = which;
	memset(disk, 0, sizeof(disk));
	return fe_connect(&fe, FE_DOM, 51712, which);
}

void wait_pending(unsigned int n)
{
	for (int i = 0; i < 2000 && n_pending != n; i++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(n_pending, n);
}

uint64_t sector_of(unsigned int n)
{
	struct uk_list *node = pending.next;

	while (n--)
		node = node->next;
	return UK_LIST_ENTRY(node, struct uk_blk_req, node)->sector;
}

/* ---- The restart ---- */

struct left left[FE_MAX_RINGS];
char left_sectors[LEFT_NODE_BYTES], left_sector_size[LEFT_NODE_BYTES];

static unsigned long n_writes;

static unsigned int n_rings(void)
{
	return fe.n_rings ? fe.n_rings : 1;
}

static size_t ring_bytes(void)
{
	return UK_PAGE_SIZE << fe.order;
}

static void *kept_of(unsigned int ring, bool *is_inherited)
{
	char name[32];

	uk_snprintf(name, sizeof(name), "blkback/%u/%u/%u", fe.sim.dom, fe.sim.id, ring);
	return uk_keep(name, left_bytes(), is_inherited);
}

static bool is_bound(void)
{
	bool is = false;

	for (unsigned int i = 0; i < n_rings(); i++) {
		fe_use(&fe, i);
		is |= uk_xensim_port_is_bound(fe.port);
	}
	fe_use(&fe, 0);
	return is;
}

void leave_ring(void)
{
	memcpy(left[fe.in_hand].ring, fe.ring, ring_bytes());
}

static void keep_what_is_left(void)
{
	bool is_inherited;
	const void *kept;

	uk_keep_simulate_restart();
	for (unsigned int i = n_rings(); i--;) {
		kept = kept_of(i, &is_inherited);
		UK_EXPECT(kept && is_inherited);
		memcpy(left[i].bytes, kept, left_bytes());
		left[i].has_kept = true;
		fe_use(&fe, i);
		leave_ring();
	}
}

static void keep_node(const char *node, char *value)
{
	char path[96];

	uk_snprintf(path, sizeof(path), "%s/%s", fe.sim.be, node);
	UK_EXPECT(uk_xensim_xs_read(path, value, LEFT_NODE_BYTES) > 0);
}

void leave(void)
{
	unsigned int n_watches = uk_xensim_xs_watches();

	keep_what_is_left();
	keep_node("sectors", left_sectors);
	keep_node("sector-size", left_sector_size);
	uk_frontsim_leave(&fe.sim);
	while (is_bound()) {
		while (n_pending)
			complete(pending.next, -EIO);
		uk_thread_yield();
	}
	/* Who is slow would take the nodes of the next life for its own */
	while (uk_xensim_xs_watches() == n_watches)
		uk_thread_yield();
	uk_thread_sleep_ns(3 * UK_NSEC_PER_MSEC);
}

static void bring_back(unsigned int ring)
{
	bool is_inherited;
	void *kept;

	fe_use(&fe, ring);
	memcpy(fe.ring, left[ring].ring, ring_bytes());
	if (!left[ring].has_kept)
		return;
	kept = kept_of(ring, &is_inherited);
	if (UK_EXPECT(kept && !is_inherited))
		memcpy(kept, left[ring].bytes, left_bytes());
}

/* It writes nothing where it resumes. */
void come_back(void)
{
	for (unsigned int i = n_rings(); i--;)
		bring_back(i);
	uk_keep_simulate_restart();
	uk_frontsim_write_be(&fe.sim, "params", "%s", target);
	uk_frontsim_write_be(&fe.sim, "mode", "w");
	uk_frontsim_write_be(&fe.sim, "sectors", "%s", left_sectors);
	uk_frontsim_write_be(&fe.sim, "sector-size", "%s", left_sector_size);
	n_writes = uk_xensim_xs_image_writes();
	uk_frontsim_inherit(&fe.sim);
	for (int i = 0; i < 1000 && !is_bound() && uk_xensim_xs_image_writes() == n_writes; i++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	fe_use(&fe, 0);
}

void expect_resumed(void)
{
	UK_EXPECT(is_bound());
	UK_EXPECT_EQ(uk_xensim_xs_image_writes(), n_writes);
	UK_EXPECT_EQ(uk_frontsim_be_state(&fe.sim), 4);
}

bool is_anything_kept(void)
{
	bool is = false, is_inherited;

	uk_keep_simulate_restart();
	for (unsigned int i = 0; i < FE_MAX_RINGS; i++) {
		uk_keep_free(kept_of(i, &is_inherited));
		is |= is_inherited;
	}
	return is;
}

/* ---- Requests ---- */

void put_write(uint64_t page, uint64_t id)
{
	fe_put(&fe, BLKIF_OP_WRITE, page * SECTORS_PER_PAGE, 1, id);
}

void expect_answers(const uint64_t *ids, unsigned int n)
{
	bool is_seen[BLKBACK_MAX_RING_SIZE] = { false };
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
