/* SPDX-License-Identifier: BSD-3-Clause */
/* How hostile frontends come and go. */
#include "fuzz.h"

#include <string.h>

#include <uk/thread.h>

void life_start(struct hostile *h, uint8_t options)
{
	unsigned int i = (unsigned int)(h - hostiles);

	*h = (struct hostile) { .is_there = true };
	h->fe = (struct frontend) {
		.bridge = "test", .n_queues = FUZZ_QUEUES(options),
		.is_split = options & FUZZ_IS_SPLIT, .has_no_notify = options & FUZZ_NO_NOTIFY,
		.has_no_sg = options & FUZZ_NO_SG, .has_no_offload = options & FUZZ_NO_OFFLOAD,
		.has_mcast_filter = options & FUZZ_MCAST,
		.rate = options & FUZZ_RATE ? "20000,1000" : NULL,
	};
	fe_attach(&h->fe, uk_frontsim_hostile_dom(i), i * 2);
	model_start(h);
	must(fe_wait(&h->fe, "state", "2"));
	fe_offer(&h->fe);
	fe_set_state(&h->fe, "4");
	must(fe_wait(&h->fe, "state", "4"));
}

/* ---- Changes ---- */

static void close_and_reopen(struct hostile *h)
{
	uk_frontsim_reopen(&h->fe.sim);
	model_collect(h);
}

void life_lose_track(struct hostile *h)
{
	for (unsigned int q = 0; q < FE_MAX_QUEUES; q++)
		h->models[q].is_tx_clean = h->models[q].is_rx_clean = false;
}

static bool is_any_ring_mapped(const struct hostile *h)
{
	for (unsigned int q = 0; q < h->fe.n_queues; q++)
		if (uk_xensim_page_is_mapped(h->fe.queues[q].tx) ||
		    uk_xensim_page_is_mapped(h->fe.queues[q].rx))
			return true;
	return false;
}

static void offer_fresh(struct hostile *h)
{
	close_and_reopen(h);
	if (is_any_ring_mapped(h))
		return;
	fe_offer(&h->fe);
	model_start(h);
}

/* Its ports and grants are gone with it. */
static void end_domain(struct hostile *h)
{
	uk_frontsim_end_domain(&h->fe.sim);
	must(!is_any_ring_mapped(h));
	memset(h->fe.tx_refs, 0, sizeof(h->fe.tx_refs));
	memset(h->fe.rx_refs, 0, sizeof(h->fe.rx_refs));
	for (unsigned int q = 0; q < FE_MAX_QUEUES; q++) {
		struct fe_queue *queue = &h->fe.queues[q];

		queue->tx_ref = queue->rx_ref = queue->tx_port = queue->rx_port = 0;
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
		life_lose_track(h);
		break;
	case UK_FRONTSIM_FRESH:
		offer_fresh(h);
		break;
	case UK_FRONTSIM_CONNECT:
		fe_set_state(&h->fe, "4");
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
	uk_frontsim_take_away(&h->fe.sim);
	uk_pktsim_clear(&wire);
	must(!is_any_ring_mapped(h));
	h->is_there = false;
	fe_free(&h->fe);
}
