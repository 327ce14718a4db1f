/* SPDX-License-Identifier: BSD-3-Clause */
#include "ports.h"

#include <uk/test.h>

struct fake ports[8];

static unsigned int n_ports;
static uint64_t now_ns;
static uint64_t (*real_clock)(void);
static struct bridge_options real_options;

static uint64_t clock(void)
{
	return now_ns;
}

void ports_begin(unsigned int n, unsigned int edges)
{
	char why[UK_NET_WHY_BYTES];

	real_clock = bridge_clock;
	real_options = bridge_options;
	bridge_clock = clock;
	now_ns = 1000 * UK_NSEC_PER_SEC;
	n_ports = n;
	for (unsigned int i = 0; i < n; i++) {
		fake_init(&ports[i], "port", (uint8_t)(0xe0 + i), PORT_CAN);
		ports[i].dev.is_edge = edges >> i & 1;
		if (uk_netdev_attach(&ports[i].dev, "", why))
			uk_test_error("port %u: %s", i, why);
	}
}

void ports_end(void)
{
	for (unsigned int i = 0; i < n_ports; i++)
		fake_end(&ports[i]);
	bridge_clock = real_clock;
	bridge_options = real_options;
	UK_EXPECT_EQ(fake_n_pkts, 0);
	UK_EXPECT_EQ(fake_n_sent, 0);
	UK_EXPECT(!uk_bridge_next(NULL));
}

void pass_s(unsigned int seconds)
{
	pass_ns(seconds * UK_NSEC_PER_SEC);
}

void pass_ns(uint64_t ns)
{
	now_ns += ns;
}

unsigned int pkt_goes_to(unsigned int in, struct uk_net_pkt *pkt)
{
	unsigned int to = 0;

	fake_receive(&ports[in], pkt);
	for (unsigned int i = 0; i < n_ports; i++) {
		unsigned int n = fake_take(&ports[i]);

		UK_EXPECT(n <= 1);
		to |= n << i;
	}
	return to;
}

unsigned int frame_goes_to(unsigned int in, uint8_t to, uint8_t from)
{
	return pkt_goes_to(in, fake_frame(to, from, 60));
}

struct uk_bridge_port_info info(unsigned int i)
{
	struct uk_bridge_port_info out;

	uk_bridge_port_info(&ports[i].dev, &out);
	return out;
}

uint64_t drops(unsigned int i, enum uk_net_drop why)
{
	return uk_netdev_stats(&ports[i].dev)->drops[why];
}
