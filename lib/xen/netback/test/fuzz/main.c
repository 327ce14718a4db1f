/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What must hold of netback after each input, beside what frontsim counts: the innocent
 * is served, the rings are answered.
 */
#include "fuzz.h"

#include <string.h>

#include <uk/thread.h>

#define QUIET_NS (2 * CONFIG_LIBNETBACK_STALL_MS * UK_NSEC_PER_MSEC)

struct hostile hostiles[FUZZ_N_HOSTILE];

static char got[FE_TX_PAGES * UK_PAGE_SIZE], want[FE_TX_PAGES * UK_PAGE_SIZE];

/* ---- The innocent ---- */

/* Take all it has received, and make room again. @return whether @len bytes as
 * the wire sends them were among it. */
static bool drain(unsigned int len)
{
	struct fe_queue *q = &other.queues[0];
	bool is_found = false;

	uk_pktsim_tcp(want, len, other.addr, wire.dev.mac, 80);
	while (!fe_rx_is_empty(&other, 0)) {
		uint32_t before = q->rx_rsp_cons;
		uint16_t flags, gso;

		if (receive_any(&other, 0, got, &flags, &gso) == len &&
		    !memcmp(got, want, len))
			is_found = true;
		fe_rx_post(&other, 0, q->rx_rsp_cons - before);
	}
	return is_found;
}

static struct uk_net_pkt *find_on_wire(void)
{
	struct uk_net_pkt *pkt;

	UK_LIST_FOREACH(pkt, &wire.pkts, node)
		if (!memcmp(pkt->head + 6, other.addr, 6) && !strcmp(pkt->from->name, "vif4.1"))
			return pkt;
	return NULL;
}

void exchange(unsigned int len)
{
	struct uk_net_pkt *pkt;
	uint16_t id = 0;

	len = UK_PKTSIM_TCP_HEADERS + len % 1400;
	drain(UK_PKTSIM_TCP_HEADERS);
	fill_tx(&other, len);
	fe_tx_send(&other, 0, len, 77);
	uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	pkt = find_on_wire();
	must(pkt && pkt->len_bytes == len && uk_pktsim_read(pkt, got));
	must(is_sent(&other, got, len));
	uk_pktsim_clear(&wire);
	must(fe_tx_answer(&other, 0, &id) == NETIF_RSP_OKAY && id == 77);
	must(fe_tx_is_unanswered(&other, 0));
	wire_send(&other, len, UK_PAGE_SIZE, 0, UK_NET_CSUM_GOOD);
	must(drain(len));
}

/* ---- One input ---- */

static void finish(void)
{
	for (unsigned int i = 0; i < 3; i++) {
		uk_thread_sleep_ns(QUIET_NS);
		uk_pktsim_clear(&wire);
	}
	uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	for (struct hostile *h = hostiles; h < hostiles + FUZZ_N_HOSTILE; h++)
		if (h->is_there)
			model_finish(h);
	exchange(300);
	for (struct hostile *h = hostiles; h < hostiles + FUZZ_N_HOSTILE; h++)
		life_end(h);
}

/* Each way is gone twice: what is made once is there then. */
static void warm_up(void)
{
	other.bridge = "test";
	must(wire_start() && fe_connect(&other, OTHER_DOM, 1));
	fe_rx_post(&other, 0, FE_RX_PAGES);
	for (unsigned int round = 0; round < 2; round++) {
		for (struct hostile *h = hostiles; h < hostiles + FUZZ_N_HOSTILE; h++)
			life_start(h, 0);
		finish();
	}
}

int main(void)
{
	static const struct uk_frontsim_fuzz target = {
		.n_actions = FUZZ_N_ACTIONS, .act = act, .finish = finish,
	};

	warm_up();
	uk_frontsim_fuzz_run(&target);
}
