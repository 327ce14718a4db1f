/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A toolstack and a block back end with a disk in memory, as a test plays them
 * against the simulated Xen: honest by default, with every part open to be spoilt.
 */
#ifndef TEST_BACKEND_H
#define TEST_BACKEND_H

#include <stdbool.h>
#include <stdint.h>

#include "../blkfront_wire.h"

#include <uk/xen/backsim.h>

#define XVDA 51712
#define DISK_SECTORS 4096
#define BE_RING_SIZE 32
#define BE_MAX_SEGS 64

struct backend {
	/* To be set before be_attach(), or before it connects again; NULL: no node */
	const char *sectors, *sector_size, *physical, *indirect, *flush, *discard,
		   *granularity, *alignment, *info;
	/* And these at any time */
	bool is_silent;			/* takes nothing by itself */
	int16_t status;			/* that it answers */

	struct uk_backsim sim;
	struct uk_xen_ring_wire *ring;	/* of the image's memory; NULL: not connected */
	grant_ref_t ring_ref;
	evtchn_port_t port;
	uint32_t cons, prod;		/* requests taken, answers put */
	/* What it has seen */
	unsigned int n_reads, n_writes, n_flushes, n_discards, n_indirect, max_segs;
};

extern struct backend be;
extern char be_disk[DISK_SECTORS * 512];

/* A disk of DISK_SECTORS, with flush, and nothing that it has seen. */
void be_new(void);
/* The toolstack's nodes; the back end stays in state 1. */
void be_attach(unsigned int id);
/* State 2, wait for the front end, map and bind, state 4. @return whether it worked. */
bool be_connect(void);
/* In two steps: all but state 4. */
bool be_map(void);
/* Unbind and unmap. */
void be_let_go(void);
/* State 5, wait for 6, let go, state 6. */
void be_close(void);
/* The toolstack takes the device away; the back end closes. */
void be_detach(void);
/* The domain is no more: what it had, and its nodes. */
void be_die(void);
void be_write(const char *node, const char *value);

/* A request, its segments fetched; what a test of the wire looks at */
struct be_req {
	uint64_t id, sector, n_sectors;
	uint8_t op;			/* never BLKIF_OP_INDIRECT */
	bool is_indirect;
	unsigned int n_segs;
	struct blkif_request_segment segs[BE_MAX_SEGS];
};

/* How many wait? */
unsigned int be_waiting(void);
/* Take the next one, waiting for it. @return false: none came. */
bool be_take(struct be_req *req);
/* Do it on be_disk. */
void be_do(const struct be_req *req);
/* An answer; the front end sees it after be_push(), which kicks it if it wants that. */
void be_answer(uint64_t id, uint8_t op, int16_t status);
void be_push(void);
/* Take, do and answer what waits, unless is_silent; the thread does it all the time. */
void be_serve(void);
void be_start_thread(void);

#endif /* TEST_BACKEND_H */
