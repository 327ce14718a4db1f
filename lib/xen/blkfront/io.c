/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests and answers. A command's data are one stream over whole pages of the
 * link's, copied there when it starts and from there when it is done. It goes to the
 * back end in as many pieces as its requests take: one, with indirect segments.
 *
 * What the back end writes are the answers: an id and a status. take_answer() checks
 * that the id is of a piece that is under way; an answer to anything else, or an
 * index that makes no sense, ends the connection. What a read brings is anybody's.
 */
#include "blkfront_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/print.h>

/* An id: the command's index, and the piece */
#define ID_PIECES 4

_Static_assert(BLKFRONT_MAX_PIECES <= ID_PIECES, "ids of pieces");
_Static_assert(CONFIG_LIBBLKFRONT_PAGES >= BLKFRONT_MAX_PAGES + BLKFRONT_MAX_PIECES,
	       "the largest command has room when it is alone");

static struct blkfront *of(struct uk_blk_queue *q)
{
	return UK_CONTAINER_OF(q, struct blkfront, queue);
}

/* ---- Data ---- */

/* Between @slot's pages and @segs. */
static void copy(struct blkfront_slot *slot, const struct uk_blk_seg *segs, unsigned int n_segs,
		 bool is_write)
{
	size_t at = 0, n;

	for (unsigned int i = 0; i < n_segs; i++) {
		for (size_t done = 0; done < segs[i].len_bytes; done += n, at += n) {
			char *page = slot->pages[at / UK_PAGE_SIZE]->va + at % UK_PAGE_SIZE;
			char *va = (char *)segs[i].va + done;

			n = UK_MIN(segs[i].len_bytes - done, UK_PAGE_SIZE - at % UK_PAGE_SIZE);
			memcpy(is_write ? page : va, is_write ? va : page, n);
		}
	}
}

static void free_pages(struct blkfront_link *link, struct blkfront_slot *slot)
{
	while (slot->n_pages)
		blkfront_page_free(link, slot->pages[--slot->n_pages]);
}

/* ---- Requests ---- */

static struct blkif_request_segment segment(const struct blkfront_slot *slot, unsigned int i,
					    uint64_t n_sectors)
{
	const unsigned int per_page = UK_PAGE_SIZE / UK_BLK_SECTOR;
	uint64_t left = n_sectors - (uint64_t)i * per_page;

	return (struct blkif_request_segment) {
		.gref = slot->pages[i]->ref,
		.last_sect = (uint8_t)(UK_MIN(left, (uint64_t)per_page) - 1),
	};
}

/* Data pages [@first, @first + @n) of @cmd, as piece @piece. @table: a page for the
 * segments; NULL: they fit in the request. */
static void put_data(struct blkfront *bf, const struct uk_blk_cmd *cmd, unsigned int piece,
		     unsigned int first, unsigned int n, struct blkfront_page *table)
{
	unsigned int index = uk_blk_queue_index(&bf->queue, cmd);
	const struct blkfront_slot *slot = &bf->slots[index];
	uint8_t op = cmd->req->op == UK_BLK_WRITE ? BLKIF_OP_WRITE : BLKIF_OP_READ;
	uint64_t sector = cmd->sector + (uint64_t)first * (UK_PAGE_SIZE / UK_BLK_SECTOR);
	union blkfront_wire w = { .words = { 0 } };
	struct blkif_request_segment *segs = table ? (void *)table->va : w.req.seg;

	for (unsigned int i = 0; i < n; i++)
		segs[i] = segment(slot, first + i, cmd->n_sectors);
	if (table) {
		w.indirect.operation = BLKIF_OP_INDIRECT;
		w.indirect.indirect_op = op;
		w.indirect.nr_segments = (uint16_t)n;
		w.indirect.id = index * ID_PIECES + piece;
		w.indirect.sector_number = sector;
		w.indirect.handle = (blkif_vdev_t)bf->id;
		w.indirect.indirect_grefs[0] = table->ref;
	} else {
		w.req.operation = op;
		w.req.nr_segments = (uint8_t)n;
		w.req.handle = (blkif_vdev_t)bf->id;
		w.req.id = index * ID_PIECES + piece;
		w.req.sector_number = sector;
	}
	uk_xen_front_put(&bf->link->ring, w.words, BLKFRONT_WORDS);
}

static void put_other(struct blkfront *bf, const struct uk_blk_cmd *cmd)
{
	bool is_flush = cmd->req->op == UK_BLK_FLUSH;
	union blkfront_wire w = { .words = { 0 } };

	w.discard.operation = is_flush ? BLKIF_OP_FLUSH_DISKCACHE : BLKIF_OP_DISCARD;
	w.discard.handle = (blkif_vdev_t)bf->id;
	w.discard.id = uk_blk_queue_index(&bf->queue, cmd) * ID_PIECES;
	w.discard.sector_number = is_flush ? 0 : cmd->sector;
	w.discard.nr_sectors = cmd->n_sectors;
	uk_xen_front_put(&bf->link->ring, w.words, BLKFRONT_WORDS);
}

/* How a command of @n_data pages is cut. */
struct pieces {
	unsigned int n, each;	/* pages of each but the last */
	unsigned int n_tables;	/* the first ones have one */
};

static struct pieces pieces_of(const struct blkfront_link *link, unsigned int n_data)
{
	const unsigned int plain = BLKIF_MAX_SEGMENTS_PER_REQUEST;
	struct pieces p = { .n = 1, .each = plain };

	if (n_data <= plain)
		return p;
	if (link->max_indirect)
		p.each = link->max_indirect;
	p.n = UK_DIV_ROUND_UP(n_data, p.each);
	if (link->max_indirect)
		p.n_tables = n_data - (p.n - 1) * p.each > plain ? p.n : p.n - 1;
	return p;
}

/* struct uk_blk_queue_ops.start */
static int start(struct uk_blk_queue *q, struct uk_blk_cmd *cmd, const struct uk_blk_seg *segs,
		 unsigned int n_segs)
{
	struct blkfront *bf = of(q);
	struct blkfront_link *link = bf->link;
	struct blkfront_slot *slot = &bf->slots[uk_blk_queue_index(q, cmd)];
	uint64_t bytes = n_segs ? cmd->n_sectors * UK_BLK_SECTOR : 0;
	unsigned int n_data = (unsigned int)UK_DIV_ROUND_UP(bytes, (uint64_t)UK_PAGE_SIZE);
	struct pieces p = pieces_of(link, n_data);

	if (uk_xen_front_room(&link->ring) < p.n || link->n_free < n_data + p.n_tables)
		return -EAGAIN;
	slot->err = 0;
	slot->pieces = (uint8_t)((1u << p.n) - 1);
	slot->n_data = n_data;
	slot->n_segs = n_segs;
	memcpy(slot->segs, segs, n_segs * sizeof(*segs));
	for (slot->n_pages = 0; slot->n_pages < n_data + p.n_tables; slot->n_pages++)
		slot->pages[slot->n_pages] = blkfront_page_take(link);
	if (!n_data) {
		put_other(bf, cmd);
		return 0;
	}
	if (cmd->req->op == UK_BLK_WRITE)
		copy(slot, segs, n_segs, true);
	for (unsigned int i = 0; i < p.n; i++)
		put_data(bf, cmd, i, i * p.each, UK_MIN(p.each, n_data - i * p.each),
			 i < p.n_tables ? slot->pages[n_data + i] : NULL);
	return 0;
}

static void kick(struct uk_blk_queue *q)
{
	struct blkfront_link *link = of(q)->link;

	if (uk_xen_front_push(&link->ring))
		uk_evtchn_notify(link->port);
}

/* struct uk_blk_queue_ops.stuck. Without a connection it is not the back end's fault
 * that it does not answer. */
static void stuck(struct uk_blk_queue *q)
{
	struct blkfront *bf = of(q);

	if (!bf->is_open)
		return;
	if (blkfront_poll(bf))
		uk_pr_warn("blkfront: %s: an event was lost\n", bf->dev.name);
	else if (bf->is_open)
		blkfront_give_up(bf, "the back end does not answer (blkfront.timeout_ms)");
}

const struct uk_blk_queue_ops blkfront_queue_ops = {
	.start = start, .kick = kick, .stuck = stuck,
};

/* ---- Answers ---- */

static void finish(struct blkfront *bf, struct uk_blk_cmd *cmd)
{
	struct blkfront_slot *slot = &bf->slots[uk_blk_queue_index(&bf->queue, cmd)];

	if (!slot->err && cmd->req->op == UK_BLK_READ)
		copy(slot, slot->segs, slot->n_segs, false);
	free_pages(bf->link, slot);
	uk_blk_queue_done(&bf->queue, cmd, slot->err);
}

/* @return what is wrong; NULL: nothing. */
static const char *take_answer(struct blkfront *bf)
{
	union blkfront_wire w;
	struct uk_blk_cmd *cmd = NULL;
	struct blkfront_slot *slot;
	uint8_t piece;

	uk_xen_front_get(&bf->link->ring, w.words);
	if (w.rsp.id < BLKFRONT_N_COMMANDS * ID_PIECES)
		cmd = uk_blk_queue_find(&bf->queue, (unsigned int)w.rsp.id / ID_PIECES);
	piece = (uint8_t)(1u << w.rsp.id % ID_PIECES);
	if (!cmd || !(bf->slots[uk_blk_queue_index(&bf->queue, cmd)].pieces & piece))
		return "the back end answers what it was not asked";
	slot = &bf->slots[uk_blk_queue_index(&bf->queue, cmd)];
	slot->pieces &= (uint8_t)~piece;
	if (w.rsp.status != BLKIF_RSP_OKAY && !slot->err)
		slot->err = w.rsp.status == BLKIF_RSP_EOPNOTSUPP ? -EOPNOTSUPP : -EIO;
	if (!slot->pieces)
		finish(bf, cmd);
	return NULL;
}

bool blkfront_poll(struct blkfront *bf)
{
	const char *why = NULL;
	bool is_any = false;
	int n;

	do {
		n = uk_xen_front_pending(&bf->link->ring);
		if (n < 0)
			why = "the back end's ring index makes no sense";
		for (; !why && n > 0; n--) {
			why = take_answer(bf);
			is_any = true;
		}
		if (why) {
			blkfront_give_up(bf, why);
			return is_any;
		}
		uk_blk_queue_run(&bf->queue);
	} while (uk_xen_front_expect(&bf->link->ring, 1));
	return is_any;
}
