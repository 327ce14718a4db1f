/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the back end owes a frontend whose ring makes sense, however bad what
 * stands in it is: each request is answered once, with its number; and nothing is
 * written to a page that was taken back.
 */
#include "fuzz.h"

#include <string.h>

#include <xen/io/xenbus.h>

void model_start(struct hostile *h)
{
	h->is_clean = true;
	memset(h->rings, 0, sizeof(h->rings));
}

bool model_has_room(const struct hostile *h)
{
	return h->fe.req_prod - h->fe.rsp_cons < fe_ring_size(&h->fe);
}

static uint64_t id_of(const struct hostile *h, uint32_t i)
{
	const struct blkback_wire_req64 *req64 = fe_slot(&h->fe, i);
	const struct blkback_wire_req32 *req32 = fe_slot(&h->fe, i);

	return h->fe.is_32bit ? req32->id : req64->id;
}

void model_publish(struct hostile *h)
{
	struct owed *owed = fuzz_owed(h);

	while (h->is_clean && owed->published != h->fe.req_prod) {
		must(owed->n_ids < fe_ring_size(&h->fe));
		owed->ids[owed->n_ids++] = id_of(h, owed->published++);
	}
}

static void answered(struct owed *owed, const struct blkback_wire_rsp *rsp)
{
	unsigned int i = 0;

	must(rsp->status <= BLKIF_RSP_OKAY && rsp->status >= BLKIF_RSP_EOPNOTSUPP);
	while (i < owed->n_ids && owed->ids[i] != rsp->id)
		i++;
	must(i < owed->n_ids);	/* that number is owed an answer */
	owed->ids[i] = owed->ids[--owed->n_ids];
}

static void check_revoked(const struct hostile *h)
{
	for (unsigned int i = 0; i < FE_PAGES; i++) {
		const char *page = h->fe.data + i * UK_PAGE_SIZE;

		for (unsigned int at = 0; h->revoked >> i & 1 && at < UK_PAGE_SIZE; at++)
			must(page[at] == FUZZ_UNUSED_BYTE);
	}
}

static void collect_ring(struct hostile *h)
{
	struct frontend *fe = &h->fe;
	struct owed *owed = fuzz_owed(h);

	if (!h->is_clean) {
		fe->rsp_cons = fe->ring->rsp_prod;
		return;
	}
	must(fe->ring->rsp_prod - fe->rsp_cons <= owed->published - fe->rsp_cons);
	while (fe->rsp_cons != fe->ring->rsp_prod)
		answered(owed, fe_slot(fe, fe->rsp_cons++));
	fe->ring->rsp_event = fe->rsp_cons + 1;
}

void model_collect(struct hostile *h)
{
	unsigned int in_hand = h->fe.in_hand;

	check_revoked(h);
	for (unsigned int i = 0; i < h->fe.n_rings; i++) {
		fe_use(&h->fe, i);
		collect_ring(h);
	}
	fe_use(&h->fe, in_hand);
}

void model_finish(struct hostile *h)
{
	model_collect(h);
	if (!h->is_clean || uk_frontsim_be_state(&h->fe.sim) != XenbusStateConnected)
		return;
	for (unsigned int i = 0; i < h->fe.n_rings; i++)
		must(!h->rings[i].n_ids);
}
