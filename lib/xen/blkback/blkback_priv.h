/* SPDX-License-Identifier: BSD-3-Clause */
/* What the sources of the block back end share. */
#ifndef BLKBACK_PRIV_H
#define BLKBACK_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "blkback_wire.h"

#include <uk/blkdev.h>
#include <uk/list.h>
#include <uk/xen/gnttab.h>
#include <uk/xen/ledger.h>
#include <uk/xen/ring.h>
#include <uk/xen/work.h>
#include <uk/xen/xenbus.h>

enum blkback_abi { BLKBACK_ABI_64, BLKBACK_ABI_32 };

/* A ring of one page holds this many requests, in either ABI; and so many are taken
 * in a turn, whatever its size: others are waiting */
#define BLKBACK_RING_SIZE 32
/* What a frontend is offered. A slot of the ledger is a byte, so eight pages are the
 * most that is of use. */
#define BLKBACK_MAX_RING_ORDER 3
#define BLKBACK_MAX_RING_PAGES (1u << BLKBACK_MAX_RING_ORDER)
#define BLKBACK_MAX_RING_SIZE (BLKBACK_RING_SIZE << BLKBACK_MAX_RING_ORDER)
#define BLKBACK_MAX_RINGS CONFIG_LIBBLKBACK_MAX_QUEUES

_Static_assert(BLKBACK_MAX_RING_SIZE <= UK_XEN_LEDGER_MAX, "slots of the ledger");

/* The private copy of a ring entry */
#define BLKBACK_RAW_WORDS (sizeof(struct blkback_wire_req64) / sizeof(uint32_t))

/* What a ring knows over a restart: the requests that are taken and not answered, as
 * the frontend has made them. */
struct blkback_kept {
	uint32_t refs[BLKBACK_MAX_RING_PAGES];		/* whose it is */
	char disk[UK_BLKDEV_NAME_BYTES];		/* of which */
	uint32_t n_pages, n_rings, remote_port, abi, is_through;
	uint32_t n_unflushed;				/* of the next to be taken, see below */
	struct blkback_kept_req {
		uint16_t order;				/* when it was taken */
		uint16_t is_unflushed;			/* a flush has failed since */
		uint32_t raw[BLKBACK_RAW_WORDS];
	} reqs[];					/* by slots, and then the ledger */
};

/* Of a request; those in the ring have BLKIF_MAX_SEGMENTS_PER_REQUEST at most */
#define BLKBACK_MAX_SEGS CONFIG_LIBBLKBACK_MAX_SEGS

struct blkback_seg {
	grant_ref_t gref;
	uint16_t offset, len_bytes;	/* in the granted page */
};

/* A request after it was copied and found valid. */
struct blkback_req {
	uint64_t id;
	uint8_t op;			/* BLKIF_OP_*, of an indirect one what it does */
	bool is_secure;			/* a discard that leaves nothing */
	uint64_t sector, n_sectors;
	unsigned int n_segs;
	struct blkback_seg segs[BLKBACK_MAX_SEGS];
};

/* A discard under way on a device that is memory */
struct blkback_discard {
	uint64_t id, sector, n_sectors;	/* what is left; 0: none is under way */
	uint8_t slot;
	bool is_secure;
};

/* What does not change while the disk is open */
struct blkback_limits {
	uint32_t sector_mask;		/* what sector numbers have no bit of */
	bool is_readonly;
	bool is_hardware;		/* copying data is not the driver's */
	bool is_dma;			/* the device reads and writes the frontend's pages */
	bool can_discard;
	bool can_erase;			/* a discard can be secure */
	unsigned int info;		/* VDISK_* */
};

struct blkback_vbd;

/* A ring of requests, served by itself. */
struct blkback_ring {
	struct blkback_vbd *vbd;
	unsigned int index;
	struct uk_xen_ring sring;
	unsigned int n_pages;		/* mapped, one after the other */
	struct uk_gnttab_map pages[BLKBACK_MAX_RING_PAGES];
	struct uk_xen_port port;
	struct uk_xen_work work;
	bool is_bound;			/* the port is */
	bool is_open;			/* the pages may be touched */
	struct blkback_kept *kept;
	struct uk_xen_ledger *ledger;	/* in it */
	bool is_kept;			/* of uk_keep(), not of the heap */
	struct uk_list node;		/* then: among all of these */
	struct blkback_queue *queue;	/* NULL: the device is memory */
	struct blkback_persist *persist; /* NULL: the frontend has none */
	struct blkback_discard discard;
	uint64_t n_requests, n_refused;
	/* Pieces of data: which way they went */
	uint64_t n_copied, n_mapped, n_persistent;
};

struct blkback_vbd {
	struct uk_xenbus_dev *dev;
	struct uk_blk blk;
	struct blkback_limits limits;
	struct blkback_pool *pool;	/* of all rings' queues */
	bool is_news;			/* the frontend, to be resumed, was told otherwise */
	/* While connected */
	enum blkback_abi abi;
	bool is_quiet;			/* no more requests are taken */
	bool is_through;		/* no write is answered before it is flushed */
	bool is_awaited;		/* xenbus hears of it when nothing is in flight */
	unsigned int n_rings;
	struct blkback_ring *rings;
};

/* ---- decode.c ---- */
/*
 * Make a checked request of the @raw copy of an entry of @ring; the segments of an
 * indirect one are fetched. req->id and req->op are set in any case.
 * @return BLKIF_RSP_OKAY, or the status to answer with.
 */
int16_t blkback_decode(struct blkback_ring *ring, const uint32_t *raw, struct blkback_req *req);
size_t blkback_entry_bytes(enum blkback_abi abi);

/* ---- features.c ---- */
/* The toolstack wants a CD-ROM: nobody writes to it. */
bool blkback_is_cdrom(const struct uk_xenbus_dev *dev);
/* Find out what the disk can and the toolstack allows. */
void blkback_learn(struct blkback_vbd *vbd);
extern int blkback_dma;		/* the parameter */
/* Write what a frontend reads before it makes its rings. */
int blkback_offer(struct blkback_vbd *vbd);
/* Write what is true of the disk, and may change. */
int blkback_publish_features(struct blkback_vbd *vbd, uk_xs_tx_t tx);

/* ---- frontend.c ---- */
/* Read the frontend's nodes, map and open its rings. On failure nothing stays. */
int blkback_connect_rings(struct blkback_vbd *vbd, char *why);
void blkback_disconnect_rings(struct blkback_vbd *vbd);

/* ---- resume.c ---- */
/*
 * Start to keep what the attached ring is about; or, where an earlier life has kept
 * it, put what was taken back into the ring.
 * @return 0; -ENOMEM; -ESTALE, -EPROTO: the connection had to be resumed, and
 *	cannot be; -EXDEV: not with this disk.
 */
int blkback_resume_open(struct blkback_ring *ring, evtchn_port_t remote_port);
void blkback_resume_close(struct blkback_ring *ring);
/* What an earlier life may have kept about rings of @dev, from @first on, is of no use
 * any more. */
void blkback_resume_forget(const struct uk_xenbus_dev *dev, unsigned int first);
/* Of a ring of @size entries. */
static inline size_t blkback_kept_bytes(uint32_t size)
{
	return sizeof(struct blkback_kept) + size * sizeof(struct blkback_kept_req) +
	       sizeof(struct uk_xen_ledger) + UK_XEN_LEDGER_MAP_BYTES(size);
}

/* A flush has failed: each write is flushed from now on, also over a restart, until
 * the frontend connects anew. */
void blkback_set_through(struct blkback_vbd *vbd);
/* The request of @slot was taken by an earlier life before a flush failed in it: what
 * the disk says of a flush now is not true of what was written before. */
bool blkback_is_unflushed(const struct blkback_ring *ring, uint8_t slot);

/* Take the next request of the ring. @return a private copy, until it is answered. */
const uint32_t *blkback_take(struct blkback_ring *ring, uint8_t *slot);

/* ---- persist.c ---- */
/* @return NULL: out of memory. */
struct blkback_persist *blkback_persist_new(void);
/* Where the page of @ref is mapped, from now on at the latest. @return NULL: it
 * is not, and has to be copied by Xen. */
void *blkback_persist_find(struct blkback_persist *p, domid_t remote, grant_ref_t ref);
void blkback_persist_free(struct blkback_persist *p);

/* ---- batch.c ---- */
/* Copy between our memory, within a page, and the frontend's; with the next flush at
 * the latest. What fails sets *@verdict to BLKIF_RSP_ERROR. */
void blkback_copy_in(void *to, domid_t remote, grant_ref_t ref, uint16_t offset, uint16_t len,
		     int16_t *verdict);
void blkback_copy_out(const void *from, domid_t remote, grant_ref_t ref, uint16_t offset,
		      uint16_t len, int16_t *verdict);
void blkback_copy_flush(void);

/* ---- memory.c ---- */
/* Take requests and answer them, on a device that is memory. @n: BLKBACK_RING_SIZE at
 * most. @return how many: those behind a discard wait for it. */
unsigned int blkback_serve_memory(struct blkback_ring *ring, unsigned int n);
/* Do the next part of a discard. @return how many requests were answered. */
unsigned int blkback_memory_continue(struct blkback_ring *ring);

/* ---- queue.c ---- */
/* Take requests into flight on a device that completes them later.
 * @return how many of @n: as many as there was room for. */
unsigned int blkback_queue_take(struct blkback_ring *ring, unsigned int n);
/* Answer what the device has completed. @return how many. */
unsigned int blkback_queue_finish(struct blkback_ring *ring);
/* Does the device have none of the ring's requests? */
bool blkback_queue_is_idle(const struct blkback_ring *ring);
/* @return 0 or -ENOMEM. */
int blkback_queue_open(struct blkback_ring *ring);
/* Wait until nothing is in flight; what was not answered is forgotten. */
void blkback_queue_close(struct blkback_ring *ring);

/* ---- worker.c ---- */
/* Answer the request of @slot; the caller publishes. */
void blkback_respond(struct blkback_ring *ring, uint8_t slot, uint64_t id, uint8_t op,
		     int16_t status);
/* Make what it takes to serve a mapped ring, and then serve it. */
int blkback_worker_attach(struct blkback_ring *ring, evtchn_port_t remote_port);
int blkback_worker_start(struct blkback_ring *ring, evtchn_port_t remote_port);
/* Undo either; a zeroed ring may be detached too. After it nothing touches the ring. */
void blkback_worker_detach(struct blkback_ring *ring);

#endif /* BLKBACK_PRIV_H */
