/* SPDX-License-Identifier: BSD-3-Clause */
#include "common.h"

#include <string.h>

#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

struct backend be;
char bytes[17 * UK_PAGE_SIZE];

struct uk_pktsim wire;

/* Behind the back end */
static const uint8_t outside[] = { 2, 0, 0, 0, 0, 0x77 };

void wire_send(unsigned int len, unsigned int frag_bytes, uint16_t gso_bytes, uint8_t flags,
	       uint16_t port)
{
	uk_pktsim_tcp(bytes, len, outside, wire.dev.mac, port);
	uk_pktsim_send(&wire, bytes, len, frag_bytes, gso_bytes, flags);
}

/* ---- Start and end ---- */

struct uk_netdev *device(void)
{
	struct uk_netdev *dev = NULL;

	while ((dev = uk_netdev_next(dev)))
		if (!strncmp(uk_netdev_name(dev), "netfront", 8))
			return dev;
	return NULL;
}

bool wait_attached(bool is_attached)
{
	for (int i = 0; i < 5000 && !device() == is_attached; i++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	return UK_EXPECT(!device() != is_attached);
}

bool start(void)
{
	if (!uk_pktsim_attach(&wire, "", false))
		return false;
	be_attach(&be, 0);
	if (!reconnect())
		return false;
	/* The bridge gets to know who is outside */
	uk_pktsim_tcp(bytes, 60, wire.dev.mac, outside, 1);
	be_rx_packet(&be, 0, bytes, 60, 0, 0);
	if (!uk_pktsim_wait(&wire, 1))
		return false;
	uk_pktsim_clear(&wire);
	return true;
}

void be_close(void)
{
	be_set_state(&be, "5");
	UK_EXPECT(be_wait(&be, "state", "6"));
	be_let_go(&be);
	be_set_state(&be, "6");
}

bool reconnect(void)
{
	return UK_EXPECT(be_connect(&be)) && wait_attached(true);
}

void expect_nothing_left(void)
{
	UK_EXPECT(uk_backsim_is_nothing_granted());
}

void stop(void)
{
	be_detach(&be);
	wait_attached(false);
	uk_pktsim_clear(&wire);
	uk_netdev_detach(&wire.dev);
	expect_nothing_left();
	be = (struct backend) { 0 };
}

void expect_alive(void)
{
	static char got[400];
	unsigned int before = wire.n_pkts;
	struct netif_tx_request first;
	uint16_t gso;

	wire_send(300, 4096, 0, UK_NET_CSUM_GOOD, 7);
	UK_EXPECT_EQ(be_tx_packet(&be, 0, got, &first, &gso), 300);
	UK_EXPECT(uk_pktsim_is_same(got, bytes, 300));
	be_tx_answer_taken(&be, 0);
	uk_pktsim_tcp(bytes, 400, wire.dev.mac, (const uint8_t *)"\0\x16\x3e\0\0\1", 9);
	be_rx_packet(&be, 0, bytes, 400, NETRXF_data_validated, 0);
	if (!uk_pktsim_wait(&wire, before + 1))
		return;
	uk_pktsim_read(uk_pktsim_last(&wire), got);
	UK_EXPECT(uk_pktsim_is_same(got, bytes, 400));
}

/* The grant of a packet's second slot is the only one that is the packet's own. */
grant_ref_t payload_ref(void)
{
	const unsigned int head = UK_NET_HEAD_BYTES, len = 1000 - head;

	for (grant_ref_t ref = 8; ref < 4096; ref++) {
		const char *page = uk_xensim_granted(BE_DOM, ref, false);

		if (page && !memcmp(page + head, bytes + head, len))
			return ref;
	}
	UK_EXPECT(!"the packet is granted");
	return 0;
}

bool wait_drops(enum uk_net_drop why, uint64_t n)
{
	for (int i = 0; i < 2000; i++) {
		if (device() && uk_netdev_stats(device())->drops[why] >= n)
			break;
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	}
	return device() && UK_EXPECT_EQ(uk_netdev_stats(device())->drops[why], n);
}
