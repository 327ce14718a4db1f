/* SPDX-License-Identifier: BSD-3-Clause */
/* For tests: devices on one bridge, and a clock that stands still. */
#ifndef PORTS_H
#define PORTS_H

#include "../bridge_priv.h"
#include "../../../dev/netdev/test/fake.h"

#define PORT_CAN (UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_FOREIGN)
#define TO(i) (1u << (i))

extern struct fake ports[8];

/* @n devices with the addresses 02:00:00:00:00:e0 and on; bit i of @edges: a
 * guest's. Options are the default ones. */
void ports_begin(unsigned int n, unsigned int edges);
void ports_end(void);

void pass_s(unsigned int seconds);
void pass_ns(uint64_t ns);

/* By device @in comes a frame. @return which devices send it: bits. */
unsigned int frame_goes_to(unsigned int in, uint8_t to, uint8_t from);
/* The same of a packet */
unsigned int pkt_goes_to(unsigned int in, struct uk_net_pkt *pkt);

struct uk_bridge_port_info info(unsigned int i);
uint64_t drops(unsigned int i, enum uk_net_drop why);

#endif /* PORTS_H */
