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

	/* A device answers in bounded time; until then the disconnect that waits for it
	 * has the thread of all devices. */
	device_let_go();
	device_set_dma(i, options & FUZZ_IS_DMA);
	*h = (struct hostile) { .is_there = true };
	h->fe.is_32bit = options & FUZZ_IS_32BIT;
	h->fe.is_persistent = options & FUZZ_IS_PERSISTENT;
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

/* ---- Changes ---- */

static void close_and_reopen(struct hostile *h)
{
	device_let_go();
	uk_frontsim_reopen(&h->fe.sim);
	model_collect(h);
}

static void offer_fresh(struct hostile *h)
{
	close_and_reopen(h);
	if (uk_xensim_page_is_mapped(h->fe.ring))
		return;
	fe_offer(&h->fe);
	model_start(h);
}

/* Its ports and grants are gone with it. */
static void end_domain(struct hostile *h)
{
	uk_frontsim_end_domain(&h->fe.sim);
	device_let_go();
	uk_frontsim_settle();
	must(!uk_xensim_page_is_mapped(h->fe.ring));
	memset(h->fe.refs, 0, sizeof(h->fe.refs));
	h->fe.ring_ref = h->fe.port = 0;
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
	must(!uk_xensim_page_is_mapped(h->fe.ring));
	h->is_there = false;
	fe_free(&h->fe);
}
