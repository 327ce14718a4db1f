/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writes and flushes without end in sight, so that the script can cut the power at
 * any moment and say what must be on the disk: each sector says what it is, and a
 * mark on the disk says what was flushed before the mark was written.
 *
 * The disk has a mark (a page), then from 1 MiB on N_PLACES places. At most one
 * write is under way to a place, so that what it holds is known.
 */
#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/param.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/wait.h>

#include "disktest.h"

#define N_PLACES 48
#define FIRST_SECTOR 2048
#define BIG_SECTORS 768		/* place 0: several commands */
#define SMALL_SECTORS 16
#define DEPTH 12
#define MAGIC 0x6b636162u
#define MARK_MAGIC 0x6b72616du

static uint64_t n_writes = 400, seed = 1;
UK_PARAM(disk_writes, "disk.writes", UK_PARAM_U64, &n_writes, "writes of the writer");
UK_PARAM(disk_seed, "disk.seed", UK_PARAM_U64, &seed, "of the writer's order of places");

struct place {
	struct uk_blk_req req;
	struct uk_blk_sg sg;
	uint64_t sector;
	uint32_t *data;
	unsigned int n_sectors, index;
	uint32_t version;		/* of the last write that was begun */
	uint32_t done;			/* ... that has succeeded */
	uint32_t flushing, flushed;	/* ... before the flush under way began; was flushed */
	bool is_busy;
};

static struct place places[N_PLACES];
static struct {
	struct uk_blk_req req;
	bool is_busy;
} flush, mark;
static struct uk_blk_sg mark_sg;
static bool has_news;			/* for a mark */
static unsigned int n_busy, n_failed, n_failed_flushes, n_flushes, n_since_flush;
static struct uk_wait_queue changed = UK_WAIT_QUEUE_INIT(changed);

static uint32_t random_below(uint32_t n)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(seed >> 33) % n;
}

/* ---- Places ---- */

static void stamp(struct place *p)
{
	for (unsigned int i = 0; i < p->n_sectors; i++) {
		uint32_t *at = p->data + i * (UK_BLK_SECTOR / sizeof(*at));

		for (unsigned int word = 0; word < UK_BLK_SECTOR / sizeof(*at); word += 4) {
			at[word] = MAGIC;
			at[word + 1] = p->index;
			at[word + 2] = i;
			at[word + 3] = p->version;
		}
	}
}

static void on_written(struct uk_blk_req *req, int err)
{
	struct place *p = UK_CONTAINER_OF(req, struct place, req);

	UK_EXPECT(p->is_busy);		/* else answered twice */
	p->is_busy = false;
	n_busy--;
	n_since_flush++;
	if (err)
		n_failed++;
	else
		p->done = p->version;
	uk_wait_wake_all(&changed);
}

static void write_place(struct uk_blk *blk, struct place *p)
{
	p->version++;
	stamp(p);
	p->is_busy = true;
	n_busy++;
	p->sg = (struct uk_blk_sg) { p->data, p->n_sectors * UK_BLK_SECTOR };
	p->req = (struct uk_blk_req) {
		.op = UK_BLK_WRITE, .sector = p->sector, .sg = &p->sg, .n_sg = 1,
		.done = on_written,
	};
	uk_blk_submit(blk, &p->req);
}

/* ---- Flushes, and the mark ---- */

static void on_flushed(struct uk_blk_req *req uk_unused, int err)
{
	UK_EXPECT(flush.is_busy);
	flush.is_busy = false;
	for (unsigned int i = 0; i < N_PLACES && !err; i++)
		places[i].flushed = places[i].flushing;
	if (err)
		n_failed_flushes++;
	else
		has_news = true;
	n_flushes++;
	uk_wait_wake_all(&changed);
}

static void start_flush(struct uk_blk *blk)
{
	for (unsigned int i = 0; i < N_PLACES; i++)
		places[i].flushing = places[i].done;
	n_since_flush = 0;
	flush.is_busy = true;
	flush.req = (struct uk_blk_req) { .op = UK_BLK_FLUSH, .done = on_flushed };
	uk_blk_submit(blk, &flush.req);
}

static void on_marked(struct uk_blk_req *req uk_unused, int err)
{
	UK_EXPECT(mark.is_busy);
	mark.is_busy = false;
	n_failed += err != 0;
	uk_wait_wake_all(&changed);
}

static void start_mark(struct uk_blk *blk)
{
	uint32_t *at = mark_sg.va;

	at[0] = MARK_MAGIC;
	for (unsigned int i = 0; i < N_PLACES; i++)
		at[1 + i] = places[i].flushed;
	has_news = false;
	mark.is_busy = true;
	mark.req = (struct uk_blk_req) {
		.op = UK_BLK_WRITE, .sector = 0, .sg = &mark_sg, .n_sg = 1, .done = on_marked,
	};
	uk_blk_submit(blk, &mark.req);
}

/* ---- The tests ---- */

static bool set_up(struct uk_blk *blk)
{
	struct uk_blk_info info;
	uint64_t sector = FIRST_SECTOR;

	if (!disk_open(blk, &info))
		return false;
	mark_sg = (struct uk_blk_sg) { uk_pages_alloc(0), UK_PAGE_SIZE };
	if (!UK_EXPECT(mark_sg.va))
		return false;
	memset(mark_sg.va, 0, UK_PAGE_SIZE);
	for (unsigned int i = 0; i < N_PLACES; i++) {
		struct place *p = &places[i];

		p->index = i;
		p->sector = sector;
		p->n_sectors = i ? SMALL_SECTORS : BIG_SECTORS;
		sector += p->n_sectors;
		p->data = uk_pages_alloc_n(p->n_sectors * UK_BLK_SECTOR / UK_PAGE_SIZE);
		if (!UK_EXPECT(p->data))
			return false;
	}
	return true;
}

static struct place *idle_place(void)
{
	/* The big one not too often */
	unsigned int i = random_below(16) ? 1 + random_below(N_PLACES - 1) : 0;

	while (places[i].is_busy)
		i = (i + 1) % N_PLACES;
	return &places[i];
}

static bool is_all_done(void)
{
	return !n_busy && !flush.is_busy && !mark.is_busy;
}

static void do_writes(struct uk_blk *blk)
{
	for (uint64_t n = 0; n < n_writes; n++) {
		uk_wait_event(&changed, n_busy < DEPTH);
		write_place(blk, idle_place());
		if (!flush.is_busy && n_since_flush > 2 + random_below(6))
			start_flush(blk);
		if (has_news && !mark.is_busy)
			start_mark(blk);
	}
	uk_wait_event(&changed, is_all_done());
}

/* What a place holds: what was written last, or begun and failed */
static void read_back(struct uk_blk *blk, struct place *p)
{
	memset(p->data, 0, p->n_sectors * UK_BLK_SECTOR);
	if (uk_blk_do(blk, UK_BLK_READ, p->sector, p->n_sectors, p->data)) {
		n_failed++;
		return;
	}
	for (unsigned int i = 0; i < p->n_sectors && p->done; i++) {
		const uint32_t *at = p->data + i * (UK_BLK_SECTOR / sizeof(*at));

		if (!UK_EXPECT(at[0] == MAGIC && at[1] == p->index && at[2] == i &&
			       at[3] >= p->done && at[3] <= p->version))
			break;
	}
}

/* The script counts what has failed. */
UK_TEST(disk_writer, test_writes_and_flushes)
{
	struct uk_blk blk = { 0 };

	if (!set_up(&blk))
		return;
	uk_console_printf("# writing\n");
	do_writes(&blk);
	uk_console_printf("# reading\n");
	for (unsigned int i = 0; i < N_PLACES; i++)
		read_back(&blk, &places[i]);
	uk_console_printf("# requests failed %u flushes failed %u of %u\n", n_failed,
			  n_failed_flushes, n_flushes);
	UK_EXPECT(n_flushes);
	uk_blk_close(&blk);
}

/* After a power cut: what the mark on the disk says to be flushed is there. */
static void check_survivor(struct uk_blk *blk, const struct place *p, uint32_t flushed)
{
	UK_EXPECT_EQ(uk_blk_do(blk, UK_BLK_READ, p->sector, p->n_sectors, p->data), 0);
	for (unsigned int i = 0; i < p->n_sectors && flushed; i++) {
		const uint32_t *at = p->data + i * (UK_BLK_SECTOR / sizeof(*at));

		if (!UK_EXPECT(at[0] == MAGIC && at[1] == p->index && at[2] == i &&
			       at[3] >= flushed))
			break;
	}
}

UK_TEST(disk_survivor, test_flushed_data_are_read)
{
	const uint32_t *flushed;
	struct uk_blk blk = { 0 };

	if (!set_up(&blk))
		return;
	flushed = mark_sg.va;
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_READ, 0, UK_PAGE_SIZE / UK_BLK_SECTOR, mark_sg.va), 0);
	UK_EXPECT_EQ(flushed[0], MARK_MAGIC);
	for (unsigned int i = 0; i < N_PLACES; i++)
		check_survivor(&blk, &places[i], flushed[1 + i]);
	uk_blk_close(&blk);
}
