/* SPDX-License-Identifier: BSD-3-Clause */
/* What the administrator sees who presses Enter in "xl console". */
#include "status.h"

#include <uk/bridge.h>
#include <uk/netdev.h>
#include <uk/pages.h>
#include <uk/print.h>

#define ULL(n) ((unsigned long long)(n))

static void print_drops(const struct uk_net_stats *stats)
{
	bool is_first = true;

	for (unsigned int i = 0; i < UK_NET_N_DROPS; i++) {
		if (!stats->drops[i])
			continue;
		uk_console_printf("%s %s %llu", is_first ? "    dropped:" : ",",
				  uk_net_drop_name(i), ULL(stats->drops[i]));
		is_first = false;
	}
	if (!is_first)
		uk_console_printf("\n");
}

static void print_port(const struct uk_netdev *dev)
{
	const struct uk_net_stats *stats = uk_netdev_stats(dev);
	const uint8_t *mac = uk_netdev_mac(dev);
	struct uk_bridge_port_info info;

	uk_bridge_port_info(dev, &info);
	uk_console_printf("  %-10s %02x:%02x:%02x:%02x:%02x:%02x  in %llu packets %llu bytes, "
			  "out %llu packets %llu bytes, %u addresses\n",
			  uk_netdev_name(dev), mac[0], mac[1], mac[2], mac[3], mac[4], mac[5],
			  ULL(stats->in_packets), ULL(stats->in_bytes), ULL(stats->out_packets),
			  ULL(stats->out_bytes), info.n_addresses);
	print_drops(stats);
}

void status_print(void)
{
	struct uk_pages_stats pages;
	struct uk_bridge *br = NULL;
	struct uk_netdev *dev;

	while ((br = uk_bridge_next(br))) {
		uk_console_printf("%s:\n", uk_bridge_name(br));
		for (dev = NULL; (dev = uk_bridge_next_port(br, dev));)
			print_port(dev);
	}
	uk_pages_stats(&pages);
	uk_console_printf("memory: %llu KiB free of %llu\n",
			  ULL(pages.free_pages) * (UK_PAGE_SIZE / 1024),
			  ULL(pages.total_pages) * (UK_PAGE_SIZE / 1024));
}
