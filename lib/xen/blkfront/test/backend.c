/* SPDX-License-Identifier: BSD-3-Clause */
#include "backend.h"

#include <string.h>

#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

struct backend be;
char be_disk[DISK_SECTORS * 512];

/* ---- Nodes ---- */

void be_new(void)
{
	memset(&be, 0, sizeof(be));
	be.sectors = UK_STRINGIFY(DISK_SECTORS);
	be.flush = "1";
	memset(be_disk, 0, sizeof(be_disk));
}

void be_write(const char *node, const char *value)
{
	uk_backsim_write_be(&be.sim, node, "%s", value);
}

void be_attach(unsigned int id)
{
	be.cons = be.prod = 0;
	uk_backsim_attach_begin(&be.sim, "vbd", id);
	uk_backsim_write_fe(&be.sim, "virtual-device", "%u", id);
	uk_backsim_write_fe(&be.sim, "device-type", "disk");
	uk_backsim_attach_end(&be.sim);
}

static void write_nodes(void)
{
	const struct { const char *node, *value; } nodes[] = {
		{ "feature-max-indirect-segments", be.indirect }, { "sectors", be.sectors },
		{ "sector-size", be.sector_size }, { "physical-sector-size", be.physical },
		{ "feature-flush-cache", be.flush }, { "feature-discard", be.discard },
		{ "discard-granularity", be.granularity },
		{ "discard-alignment", be.alignment }, { "info", be.info },
	};
	char path[128];

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(nodes); i++) {
		uk_snprintf(path, sizeof(path), "%s/%s", be.sim.be, nodes[i].node);
		if (nodes[i].value)
			uk_xensim_xs_write(path, nodes[i].value);
		else
			uk_xensim_xs_rm(path);
	}
}

/* ---- Connecting ---- */

bool be_map(void)
{
	write_nodes();
	uk_backsim_set_state(&be.sim, "2");
	if (!UK_EXPECT(uk_backsim_wait(&be.sim, "state", "4")))
		return false;
	be.ring_ref = uk_backsim_number(&be.sim, "ring-ref");
	be.ring = uk_backsim_map(be.ring_ref);
	be.port = uk_backsim_bind(&be.sim, "event-channel");
	be.cons = be.prod = 0;
	return UK_EXPECT(be.ring && be.port);
}

bool be_connect(void)
{
	if (!be_map())
		return false;
	uk_backsim_set_state(&be.sim, "4");
	return true;
}

void be_let_go(void)
{
	if (!be.ring)
		return;
	be.ring = NULL;
	uk_backsim_unmap(&be.ring_ref);
	uk_frontsim_close_port(&be.port);
}

void be_close(void)
{
	uk_backsim_set_state(&be.sim, "5");
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "6"));
	be_let_go();
	uk_backsim_set_state(&be.sim, "6");
}

void be_detach(void)
{
	UK_EXPECT(uk_backsim_detach_begin(&be.sim));
	be_let_go();
	uk_backsim_detach_end(&be.sim);
}

void be_die(void)
{
	be_let_go();
	uk_xensim_xs_rm(be.sim.be);
}

/* ---- Requests ---- */

static union blkfront_wire *entry(uint32_t i)
{
	return (union blkfront_wire *)be.ring->entries + i % BE_RING_SIZE;
}

unsigned int be_waiting(void)
{
	return be.ring ? be.ring->req_prod - be.cons : 0;
}

static void decode(const union blkfront_wire *w, struct be_req *req)
{
	const struct blkif_request_segment *segs = w->req.seg;

	*req = (struct be_req) {
		.id = w->req.id, .sector = w->req.sector_number, .op = w->req.operation,
		.n_segs = w->req.nr_segments,
	};
	if (req->op == BLKIF_OP_DISCARD) {
		UK_EXPECT_EQ(w->discard.flag, 0);
		req->n_segs = 0;
		req->n_sectors = w->discard.nr_sectors;
	}
	if (req->op == BLKIF_OP_INDIRECT) {
		req->is_indirect = true;
		req->op = w->indirect.indirect_op;
		req->n_segs = w->indirect.nr_segments;
		segs = uk_xensim_granted(UK_BACKSIM_DOM, w->indirect.indirect_grefs[0], false);
	}
	if (!UK_EXPECT(segs) || !UK_EXPECT(req->n_segs <= BE_MAX_SEGS))
		req->n_segs = 0;
	for (unsigned int i = 0; i < req->n_segs; i++) {
		req->segs[i] = segs[i];
		req->n_sectors += (uint64_t)segs[i].last_sect - segs[i].first_sect + 1;
	}
}

bool be_take(struct be_req *req)
{
	if (!UK_EXPECT(be.ring) || !UK_EXPECT(uk_frontsim_wait_past(&be.ring->req_prod, be.cons,
								    UK_FRONTSIM_PATIENCE_NS)))
		return false;
	decode(entry(be.cons++), req);
	be.ring->req_event = be.cons + 1;
	return true;
}

static void count(const struct be_req *req)
{
	be.n_reads += req->op == BLKIF_OP_READ;
	be.n_writes += req->op == BLKIF_OP_WRITE;
	be.n_flushes += req->op == BLKIF_OP_FLUSH_DISKCACHE;
	be.n_discards += req->op == BLKIF_OP_DISCARD;
	be.n_indirect += req->is_indirect;
	be.max_segs = UK_MAX(be.max_segs, req->n_segs);
}

void be_do(const struct be_req *req)
{
	bool is_read = req->op == BLKIF_OP_READ;
	char *at = be_disk + req->sector * 512;

	count(req);
	if (!UK_EXPECT(req->sector + req->n_sectors <= DISK_SECTORS))
		return;
	if (req->op == BLKIF_OP_DISCARD)
		memset(at, 0, req->n_sectors * 512);
	for (unsigned int i = 0; i < req->n_segs; i++) {
		const struct blkif_request_segment *s = &req->segs[i];
		char *page = uk_xensim_granted(UK_BACKSIM_DOM, s->gref, is_read);
		size_t len = (s->last_sect - s->first_sect + 1u) * 512;

		if (!UK_EXPECT(page && s->first_sect <= s->last_sect && s->last_sect < 8))
			return;
		page += s->first_sect * 512;
		memcpy(is_read ? page : at, is_read ? at : page, len);
		at += len;
	}
}

void be_answer(uint64_t id, uint8_t op, int16_t status)
{
	entry(be.prod++)->rsp = (struct blkif_response) {
		.id = id, .operation = op, .status = status,
	};
}

void be_push(void)
{
	uint32_t old = be.ring->rsp_prod;

	be.ring->rsp_prod = be.prod;
	if (be.prod - be.ring->rsp_event < be.prod - old)
		uk_xensim_port_kick(be.port);
}

void be_serve(void)
{
	struct be_req req;

	if (be.is_silent || !be_waiting())
		return;
	while (be_waiting()) {
		be_take(&req);
		if (!be.status)
			be_do(&req);
		be_answer(req.id, req.op, be.status);
	}
	be_push();
}

static void serve(void *arg uk_unused)
{
	for (;;) {
		be_serve();
		uk_thread_sleep_ns(100 * UK_NSEC_PER_USEC);
	}
}

void be_start_thread(void)
{
	static bool is_started;

	if (!is_started)
		uk_thread_create("backend", serve, NULL, 0);
	is_started = true;
}
