/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Switches between network devices, seen by an administrator's program. A bridge
 * exists as long as a device is attached to it; devices attach through
 * <uk/netdev_driver.h>.
 *
 * Rules
 * - Thread context. Nothing blocks.
 * - What an iterator returned is good until the caller blocks, or attaches or
 *   detaches a device.
 */
#ifndef UK_BRIDGE_H
#define UK_BRIDGE_H

#include <stdbool.h>
#include <stdint.h>

#include <uk/netdev.h>

struct uk_bridge;

/** The bridge after @prev, in the order they were made; the first for NULL.
 *  @return NULL: no more. */
struct uk_bridge *uk_bridge_next(const struct uk_bridge *prev);

const char *uk_bridge_name(const struct uk_bridge *br);

/** The device of @br after @prev, in the order they were attached; the first for
 *  NULL. @return NULL: no more. Its packets and drops: uk_netdev_stats(). */
struct uk_netdev *uk_bridge_next_port(const struct uk_bridge *br, const struct uk_netdev *prev);

struct uk_bridge_port_info {
	unsigned int n_addresses;	/* learned and not too old; not its own one */
	uint64_t n_flooded;		/* packets from here that went to all others */
	uint64_t n_moved;		/* addresses that moved here from another port */
	uint64_t n_held;		/* times that one was not let, for it moves too often or
					 * is another device's own */
	uint64_t n_evicted;		/* addresses forgotten to make room */
};

/** @dev: a port of a bridge. */
void uk_bridge_port_info(const struct uk_netdev *dev, struct uk_bridge_port_info *info);

#endif /* UK_BRIDGE_H */
