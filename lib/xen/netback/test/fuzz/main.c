/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The fuzzer's target: each input is played by hostile frontends; then what must
 * hold is checked, and they are taken away. What does not hold ends the image,
 * for which libFuzzer keeps the input.
 */
#include "fuzz.h"

#include <stdarg.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/assert.h>
#include <uk/linuxu/input.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

#define QUIET_NS (2 * CONFIG_LIBNETBACK_STALL_MS * UK_NSEC_PER_MSEC)

struct hostile hostiles[FUZZ_N_HOSTILE];

static char got[FE_TX_PAGES * UK_PAGE_SIZE], want[FE_TX_PAGES * UK_PAGE_SIZE];

/* ---- What does not hold ---- */

void must_(const char *file, int line, const char *what, bool holds)
{
	if (holds)
		return;
	uk_console_printf("%s:%d: must hold: %s\n", file, line, what);
	uk_bug("what must hold does not");
}

/* The frontends of the unit tests expect things. */
void uk_test_fail(const char *file, int line, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	uk_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	must_(file, line, text, false);
}

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
	uk_xensim_xs_rm("error");
}

/* Each way is gone twice: what is made once is there then. */
static struct uk_frontsim_use warm_up(void)
{
	other.bridge = "test";
	must(wire_start() && fe_connect(&other, OTHER_DOM, 1));
	fe_rx_post(&other, 0, FE_RX_PAGES);
	for (unsigned int round = 0; round < 2; round++) {
		for (struct hostile *h = hostiles; h < hostiles + FUZZ_N_HOSTILE; h++)
			life_start(h, 0);
		finish();
	}
	return uk_frontsim_use();
}

int main(void)
{
	struct uk_frontsim_use base = warm_up(), now;
	const uint8_t *bytes;
	const char *differs;
	uint8_t *copy;
	size_t len;

	for (;;) {
		uk_linuxu_input_next(&bytes, &len);
		copy = uk_malloc(len);
		must(copy);
		memcpy(copy, bytes, len);
		play(copy, len);
		uk_free(copy);
		finish();
		now = uk_frontsim_use();
		differs = uk_frontsim_use_differs(&base, &now);
		if (differs)
			must_(__FILE_NAME__, __LINE__, differs, false);
	}
}
