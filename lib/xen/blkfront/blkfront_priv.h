/* SPDX-License-Identifier: BSD-3-Clause */
/* What the sources of the block front end share. */
#ifndef BLKFRONT_PRIV_H
#define BLKFRONT_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "blkfront_wire.h"

#include <uk/blkdev_queue.h>
#include <uk/list.h>
#include <uk/xen/evtchn.h>
#include <uk/xen/gnttab.h>
#include <uk/xen/ring_front.h>
#include <uk/xen/xenbus_front.h>

/* Entries of the ring, in one page */
#define BLKFRONT_RING_SIZE 32
/* Commands under way. Each may take several entries, its pieces. */
#define BLKFRONT_N_COMMANDS 32
/* Pages of data of a command */
#define BLKFRONT_MAX_PAGES 32
#define BLKFRONT_MAX_PIECES UK_DIV_ROUND_UP(BLKFRONT_MAX_PAGES, BLKIF_MAX_SEGMENTS_PER_REQUEST)

/* A page for data, or for an indirect request's segments */
struct blkfront_page {
	char *va;
	grant_ref_t ref;		/* 0: none */
	struct blkfront_page *next;	/* that is free */
};

/* A command that the back end has, by its index. */
struct blkfront_slot {
	uint8_t pieces;			/* bits: not answered */
	int err;
	unsigned int n_pages, n_data;	/* of n_pages, the first ones are data */
	struct blkfront_page *pages[BLKFRONT_MAX_PAGES + BLKFRONT_MAX_PIECES];
	unsigned int n_segs;
	struct uk_blk_seg segs[BLKFRONT_MAX_PAGES];	/* of a read */
};

/* One connection, from connect() until nobody has any of its memory. */
struct blkfront_link {
	struct blkfront *bf;		/* NULL: it has ended */
	struct uk_list node;		/* then: among those to be reaped */
	struct uk_xenfront_page ring_page;
	struct uk_xen_front_ring ring;
	evtchn_port_t port;		/* 0: none */
	unsigned int max_indirect;	/* segments; 0: none */
	struct blkfront_page *free;
	unsigned int n_free;
	struct blkfront_page pages[CONFIG_LIBBLKFRONT_PAGES];
};

/* A disk. It outlives connections, and the device as long as somebody has it open. */
struct blkfront {
	struct uk_blkdev dev;
	struct uk_blk_queue queue;
	struct uk_xenfront_dev *xdev;	/* NULL: taken away */
	uint32_t id;
	bool is_added;			/* blkdev knows it */
	bool is_open;			/* requests may go to the back end */
	bool is_gone;			/* for good */
	bool has_died;			/* the back end's domain, it seems */
	uint64_t told_sectors;		/* that are fewer than before, and were told of */
	struct blkfront_link *link;	/* NULL: not connected */
	struct blkfront_slot slots[BLKFRONT_N_COMMANDS];
	struct uk_list node;		/* among the orphans */
	uint64_t deadline_ns;		/* then: its end */
};

/* What the back end says of the disk. */
struct blkfront_info {
	uint64_t sectors;
	uint32_t sector_bytes, physical_bytes, discard_bytes, discard_offset;
	bool is_readonly, can_flush, can_discard;
};

/* ---- nodes.c: xenstore ---- */
/* The name of the disk with number @id, UK_BLKDEV_NAME_BYTES. @return false: there
 * is no such disk. */
bool blkfront_name(uint32_t id, char *name);
/* @return 0; -EINVAL: it makes no sense, @why says what. */
int blkfront_read_info(const struct uk_xenfront_dev *dev, struct blkfront_info *info, char *why);
/* @return whether there is a size. */
bool blkfront_read_sectors(const struct uk_xenfront_dev *dev, uint64_t *sectors);
unsigned int blkfront_read_max_indirect(const struct uk_xenfront_dev *dev);
/* The back end's directory is not there any more. */
bool blkfront_is_back_end_gone(const struct uk_xenfront_dev *dev);
int blkfront_publish(struct uk_xenfront_dev *dev, uk_xs_tx_t tx);

/* ---- link.c ---- */
/* @return NULL: no memory, port or grants. */
struct blkfront_link *blkfront_link_new(struct blkfront *bf, uk_evtchn_handler_t on_event);
/* The connection has ended: the memory is freed, now or later. */
void blkfront_link_end(struct blkfront_link *link);
/* @return whether nothing is left of ended connections. */
bool blkfront_links_reap(void);
/* There is one, see n_free. */
struct blkfront_page *blkfront_page_take(struct blkfront_link *link);
void blkfront_page_free(struct blkfront_link *link, struct blkfront_page *page);

/* ---- io.c ---- */
extern const struct uk_blk_queue_ops blkfront_queue_ops;
/* Take the back end's answers. @return whether there were any. */
bool blkfront_poll(struct blkfront *bf);

/* ---- blkfront.c ---- */
extern uint64_t blkfront_timeout_ms, blkfront_grace_ms;
/* The back end misbehaves: nothing more goes to it. @why: one line. */
void blkfront_give_up(struct blkfront *bf, const char *why);

#endif /* BLKFRONT_PRIV_H */
