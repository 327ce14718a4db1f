/* SPDX-License-Identifier: BSD-3-Clause */
/* Queues and channels of a frontend. */
#include <string.h>

#include "common.h"

#include <uk/test.h>

static char bytes[17 * UK_PAGE_SIZE];
static uint16_t flags, gso_bytes;

UK_TEST(netback, test_split_event_channels)
{
	unsigned int kicks;

	fe.is_split = true;
	if (!start())
		return;
	kicks = uk_xensim_port_kicks(fe.queues[0].tx_port);
	wire_send(&fe, 100, 4096, 0, 0);
	UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso_bytes), 100);
	UK_EXPECT_EQ(uk_xensim_port_kicks(fe.queues[0].rx_port), 1);
	UK_EXPECT_EQ(uk_xensim_port_kicks(fe.queues[0].tx_port), kicks);
	expect_alive(&fe);
	stop();
}

static unsigned int queue_of_next(void)
{
	for (int i = 0; i < 100; i++)
		for (unsigned int q = 0; q < fe.n_queues; q++)
			if (fe.queues[q].rx->rsp_prod != fe.queues[q].rx_rsp_cons)
				return q;
	return FE_MAX_QUEUES;
}

UK_TEST(netback, test_queues_serve_and_share_the_flows)
{
	unsigned int n_used[FE_MAX_QUEUES + 1] = { 0 };

	fe.n_queues = 4;
	fe.is_split = true;
	if (!start())
		return;
	for (unsigned int q = 0; q < 4; q++) {
		fill_tx(&fe, 100);
		fe_tx_send(&fe, q, 100, 9);
		UK_EXPECT_EQ(fe_tx_answer(&fe, q, NULL), NETIF_RSP_OKAY);
	}
	uk_pktsim_wait(&wire, 4);
	uk_pktsim_clear(&wire);
	for (unsigned int i = 0; i < 64; i++) {
		struct uk_net_pkt *pkt;
		unsigned int q;

		/* Another flow: from another guest's port, as the wire sees it */
		uk_pktsim_tcp(fe.tx_data, 100, wire.dev.mac, fe.addr, (uint16_t)(1000 + i));
		fe_tx_send(&fe, 0, 100, 9);
		fe_tx_answer(&fe, 0, NULL);
		uk_pktsim_wait(&wire, 1);
		pkt = uk_pktsim_first(&wire);
		uk_list_del(&pkt->node);
		wire.n_pkts--;
		memcpy(pkt->head, fe.addr, 6);
		uk_netdev_send(pkt->from, pkt);
		q = queue_of_next();
		n_used[q]++;
		if (UK_EXPECT(q < 4))
			receive(&fe, q, bytes, &flags, &gso_bytes);
	}
	for (unsigned int q = 0; q < 4; q++)
		UK_EXPECT(n_used[q] > 4);
	stop();
}

UK_TEST(netback, test_new_kernel_in_the_guest_connects_again)
{
	if (!start())
		return;
	fill_tx(&fe, 1400);
	fe_tx_send(&fe, 0, 1400, 5);
	uk_pktsim_wait(&wire, 1);
	fe_set_state(&fe, "1");
	UK_EXPECT(fe_wait(&fe, "state", "2"));
	UK_EXPECT_EQ(wire.n_pkts, 0);	/* the old one's packets are given back */
	fe_offer(&fe);
	fe_set_state(&fe, "4");
	UK_EXPECT(fe_wait(&fe, "state", "4"));
	fe_rx_post(&fe, 0, FE_RX_PAGES);
	expect_alive(&fe);
	stop();
}
