/* SPDX-License-Identifier: BSD-3-Clause */
/* How hostile frontends come and go. */
#include "fuzz.h"

#include <string.h>

#include <uk/print.h>
#include <uk/thread.h>

#define VDEV 51712

void life_start(struct hostile *h, uint8_t options)
{
	unsigned int i = (unsigned int)(h - hostiles);
	domid_t dom = uk_frontsim_hostile_dom(i);
	const char *target = !(options & FUZZ_IS_SLOW) ? "ram:size=64K" : i ? "slow:1" : "slow:0";

	device_set_dma(i, options & FUZZ_IS_DMA);
	*h = (struct hostile) { .is_there = true };
	h->fe.is_32bit = options & FUZZ_IS_32BIT;
	h->fe.is_persistent = options & FUZZ_IS_PERSISTENT;
	h->fe.order = options >> FUZZ_ORDER_SHIFT & 3;
	h->fe.n_rings = options & FUZZ_IS_MULTI ? FE_MAX_RINGS : 1;
	if (options & FUZZ_IS_SHARED)
		fe_attach(&h->fe, dom, VDEV, FUZZ_SHARED_TARGET, "r");
	else
		fe_attach(&h->fe, dom, VDEV, target, "w");
	must(fe_wait(&h->fe, "state", "2"));
	fe_initialise(&h->fe);
	model_start(h);
	must(fe_wait(&h->fe, "state", "4"));
	fe_set_state(&h->fe, "4");
}

/* Has the back end a page of a ring? */
static bool is_mapped(struct hostile *h)
{
	unsigned int in_hand = h->fe.in_hand;
	bool is = false;

	for (unsigned int i = 0; i < h->fe.n_rings; i++) {
		fe_use(&h->fe, i);
		for (unsigned int page = 0; page < 1u << h->fe.order; page++)
			is |= uk_xensim_page_is_mapped((char *)h->fe.ring + page * UK_PAGE_SIZE);
	}
	fe_use(&h->fe, in_hand);
	return is;
}

/* ---- Changes ---- */

static void close_and_reopen(struct hostile *h)
{
	device_let_go();
	uk_frontsim_reopen(&h->fe.sim);
	model_collect(h);
}

static void forget_node(const struct hostile *h, const char *node)
{
	char path[96];

	uk_snprintf(path, sizeof(path), "%s/%s", h->fe.sim.fe, node);
	uk_xensim_xs_rm(path);
}

static void offer_fresh(struct hostile *h)
{
	close_and_reopen(h);
	if (is_mapped(h))
		return;
	/* What is not written again */
	forget_node(h, "ring-page-order");
	forget_node(h, "multi-queue-num-queues");
	fe_offer(&h->fe);
	model_start(h);
}

/* Its ports and grants are gone with it. */
static void end_domain(struct hostile *h)
{
	uk_frontsim_end_domain(&h->fe.sim);
	device_let_go();
	uk_frontsim_settle();
	must(!is_mapped(h));
	memset(h->fe.refs, 0, sizeof(h->fe.refs));
	for (unsigned int i = 0; i < h->fe.n_rings; i++) {
		fe_use(&h->fe, i);
		h->fe.ring_ref = h->fe.port = 0;
		memset(h->fe.more_refs, 0, sizeof(h->fe.more_refs));
	}
	life_end(h);
}

void life_change(struct hostile *h, enum uk_frontsim_life what, uint8_t options)
{
	switch (what) {
	case UK_FRONTSIM_CLOSE:
		fe_set_state(&h->fe, "5");
		break;
	case UK_FRONTSIM_OFFER:
		close_and_reopen(h);
		h->is_clean = false;
		break;
	case UK_FRONTSIM_FRESH:
		offer_fresh(h);
		break;
	case UK_FRONTSIM_CONNECT:
		fe_set_state(&h->fe, "3");
		break;
	case UK_FRONTSIM_DETACH:
		uk_frontsim_leave_unanswered(&h->fe.sim);
		break;
	case UK_FRONTSIM_VANISH:
		uk_xensim_xs_rm(h->fe.sim.fe);
		break;
	case UK_FRONTSIM_END:
		end_domain(h);
		break;
	default:
		life_end(h);
		life_start(h, options);
		break;
	}
}

/* ---- The end ---- */

void life_end(struct hostile *h)
{
	if (!h->is_there)
		return;
	device_let_go();
	uk_frontsim_take_away(&h->fe.sim);
	must(!is_mapped(h));
	h->is_there = false;
	fe_free(&h->fe);
}
