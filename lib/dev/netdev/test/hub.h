/* SPDX-License-Identifier: BSD-3-Clause */
/* For tests: a switch that sends everything to all devices in hub_outs. */
#ifndef HUB_H
#define HUB_H

#include "fake.h"

extern struct uk_netdev *hub_outs[8];
extern unsigned int hub_n_outs;
/* Sent to hub_outs[0] in the batch of what comes in next */
extern struct uk_net_pkt *hub_send_with_next;

void hub_begin(void);
/* Nothing may be left of packets and copies. */
void hub_end(void);

/* Two devices, @a that can do everything and @b; what comes in by @a goes to @b. */
void hub_begin_two(struct fake *a, struct fake *b, uint16_t b_can);
void hub_end_two(struct fake *a, struct fake *b);

#endif /* HUB_H */
