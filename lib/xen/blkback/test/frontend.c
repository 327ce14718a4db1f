/* SPDX-License-Identifier: BSD-3-Clause */
#include "frontend.h"

#include <string.h>

#include <uk/pages.h>
#include <uk/print.h>
#include <uk/test.h>

/* ---- Rings ---- */

static unsigned int n_rings(const struct frontend *fe)
{
	return fe->n_rings ? fe->n_rings : 1;
}

void fe_use(struct frontend *fe, unsigned int i)
{
	struct fe_ring *old = &fe->others[fe->in_hand], *new = &fe->others[i];

	*old = (struct fe_ring) {
		.ring = fe->ring, .ring_ref = fe->ring_ref, .port = fe->port,
		.req_prod = fe->req_prod, .rsp_cons = fe->rsp_cons,
	};
	memcpy(old->more_refs, fe->more_refs, sizeof(fe->more_refs));
	fe->ring = new->ring;
	fe->ring_ref = new->ring_ref;
	memcpy(fe->more_refs, new->more_refs, sizeof(fe->more_refs));
	fe->port = new->port;
	fe->req_prod = new->req_prod;
	fe->rsp_cons = new->rsp_cons;
	fe->in_hand = i;
}

void fe_write_ring(const struct frontend *fe, unsigned int i, const char *node, uint32_t value)
{
	char path[40];

	uk_snprintf(path, sizeof(path), "queue-%u/%s", i, node);
	uk_frontsim_write_fe(&fe->sim, fe->n_rings > 1 ? path : node, "%u", value);
}

static void end_ring(struct frontend *fe)
{
	UK_EXPECT(uk_frontsim_end_grant(&fe->ring_ref));
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(fe->more_refs); i++)
		UK_EXPECT(uk_frontsim_end_grant(&fe->more_refs[i]));
	uk_frontsim_close_port(&fe->port);
}

static void write_refs(const struct frontend *fe, unsigned int i)
{
	char node[16];

	if (!fe->order) {
		fe_write_ring(fe, i, "ring-ref", fe->ring_ref);
		return;
	}
	fe_write_ring(fe, i, "ring-ref0", fe->ring_ref);
	for (unsigned int page = 1; page < 1u << fe->order; page++) {
		uk_snprintf(node, sizeof(node), "ring-ref%u", page);
		fe_write_ring(fe, i, node, fe->more_refs[page - 1]);
	}
}

static void offer_ring(struct frontend *fe, unsigned int i)
{
	fe_use(fe, i);
	uk_frontsim_ring_start(fe->ring);
	fe->req_prod = fe->rsp_cons = 0;
	end_ring(fe);
	fe->ring_ref = uk_xensim_grant(fe->sim.dom, fe->ring, false);
	for (unsigned int page = 1; page < 1u << fe->order; page++)
		fe->more_refs[page - 1] = uk_xensim_grant(fe->sim.dom, (char *)fe->ring +
							  page * UK_PAGE_SIZE, false);
	fe->port = uk_xensim_port_offer(fe->sim.dom);
	write_refs(fe, i);
	fe_write_ring(fe, i, "event-channel", fe->port);
}

/* ---- Its life ---- */

/* @return whether there is memory for all of it. */
static bool allocate(struct frontend *fe)
{
	for (unsigned int i = n_rings(fe); i--;) {
		fe_use(fe, i);
		fe->ring = uk_pages_alloc(fe->order);
		if (!fe->ring)
			return false;
	}
	fe->data = uk_pages_alloc_n(FE_PAGES);
	return fe->data;
}

void fe_attach(struct frontend *fe, domid_t dom, unsigned int id, const char *target,
	       const char *mode)
{
	*fe = (struct frontend) {
		.is_32bit = fe->is_32bit, .is_persistent = fe->is_persistent,
		.is_cdrom = fe->is_cdrom, .order = fe->order, .n_rings = fe->n_rings,
	};
	uk_frontsim_init(&fe->sim, "vbd", dom, id);
	if (!allocate(fe)) {
		uk_test_error("no memory for a frontend");
		return;
	}
	for (unsigned int i = 0; i < FE_PAGES; i++)
		fe->refs[i] = uk_xensim_grant(dom, fe->data + i * UK_PAGE_SIZE, false);
	uk_frontsim_attach_begin(&fe->sim);
	uk_frontsim_write_be(&fe->sim, "params", "%s", target);
	uk_frontsim_write_be(&fe->sim, "mode", "%s", mode);
	uk_frontsim_write_be(&fe->sim, "device-type", "%s", fe->is_cdrom ? "cdrom" : "disk");
	uk_frontsim_write_be(&fe->sim, "removable", "%d", fe->is_cdrom);
	uk_frontsim_attach_end(&fe->sim);
}

void fe_offer(struct frontend *fe)
{
	for (unsigned int i = n_rings(fe); i--;)
		offer_ring(fe, i);
	if (fe->order)
		uk_frontsim_write_fe(&fe->sim, "ring-page-order", "%u", fe->order);
	if (fe->n_rings > 1)
		uk_frontsim_write_fe(&fe->sim, "multi-queue-num-queues", "%u", fe->n_rings);
	uk_frontsim_write_fe(&fe->sim, "protocol", "%s", fe->is_32bit ? "x86_32-abi" : "x86_64-abi");
	uk_frontsim_write_fe(&fe->sim, "feature-persistent", "%d", fe->is_persistent);
}

void fe_initialise(struct frontend *fe)
{
	fe_offer(fe);
	fe_set_state(fe, "3");
}

bool fe_connect(struct frontend *fe, domid_t dom, unsigned int id, const char *target)
{
	fe_attach(fe, dom, id, target, "w");
	if (!UK_EXPECT(fe_wait(fe, "state", "2")))
		return false;
	fe_initialise(fe);
	if (!UK_EXPECT(fe_wait(fe, "state", "4")))
		return false;
	fe_set_state(fe, "4");
	return true;
}

void fe_detach(struct frontend *fe)
{
	UK_EXPECT(uk_frontsim_detach(&fe->sim));
}

void fe_free(struct frontend *fe)
{
	uk_xensim_xs_rm(fe->sim.fe);
	for (unsigned int i = 0; i < n_rings(fe); i++) {
		fe_use(fe, i);
		end_ring(fe);
		uk_pages_free(fe->ring, fe->order);
	}
	for (unsigned int i = 0; i < FE_PAGES; i++)
		UK_EXPECT(uk_xensim_grant_end(fe->refs[i]));
	uk_pages_free_n(fe->data, FE_PAGES);
}

/* ---- Requests ---- */

void *fe_slot(const struct frontend *fe, uint32_t i)
{
	size_t bytes = fe->is_32bit ? sizeof(struct blkback_wire_req32)
				    : sizeof(struct blkback_wire_req64);

	return (char *)fe->ring->entries + (i & (fe_ring_size(fe) - 1)) * bytes;
}

struct blkback_wire_req64 *fe_put(struct frontend *fe, uint8_t op, uint64_t sector,
				  unsigned int n_segs, uint64_t id)
{
	struct blkback_wire_req64 req = {
		.operation = op, .nr_segments = (uint8_t)n_segs, .id = id,
		.sector_number = sector,
	};
	struct blkback_wire_req64 *req64 = fe_slot(fe, fe->req_prod);
	struct blkback_wire_req32 *req32 = fe_slot(fe, fe->req_prod);

	fe->req_prod++;
	for (unsigned int i = 0; i < n_segs && i < BLKIF_MAX_SEGMENTS_PER_REQUEST; i++) {
		req.seg[i].gref = fe->refs[i];
		req.seg[i].last_sect = 7;
	}
	if (!fe->is_32bit) {
		*req64 = req;
		return req64;
	}
	req32->operation = op;
	req32->nr_segments = (uint8_t)n_segs;
	req32->id = id;
	req32->sector_number = sector;
	memcpy(req32->seg, req.seg, sizeof(req.seg));
	return NULL;
}

void fe_push(struct frontend *fe)
{
	fe->ring->req_prod = fe->req_prod;
	uk_xensim_port_kick(fe->port);
}

int fe_answer(struct frontend *fe, uint64_t *id)
{
	struct blkback_wire_rsp *rsp;

	if (!uk_frontsim_wait_past(&fe->ring->rsp_prod, fe->rsp_cons, UK_FRONTSIM_PATIENCE_NS))
		return FE_NO_ANSWER;
	rsp = fe_slot(fe, fe->rsp_cons++);
	fe->ring->rsp_event = fe->rsp_cons + 1;
	if (id)
		*id = rsp->id;
	return rsp->status;
}

int fe_do(struct frontend *fe, uint8_t op, uint64_t sector, unsigned int n_segs)
{
	uint64_t id = 0xabcd0000 + fe->req_prod, got = 0;
	int status;

	fe_put(fe, op, sector, n_segs, id);
	fe_push(fe);
	status = fe_answer(fe, &got);
	UK_EXPECT(status == FE_NO_ANSWER || got == id);
	return status;
}
