/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of the front end share: a back end, and a wire on the same
 * network.
 */
#ifndef TEST_COMMON_H
#define TEST_COMMON_H

#include "backend.h"

#include <uk/pktsim.h>

extern struct backend be;
extern struct uk_pktsim wire;

/* A packet from the wire to the back end's side: see uk_pktsim_tcp() and
 * uk_pktsim_send(). It is in `bytes`. */
extern char bytes[];
void wire_send(unsigned int len, unsigned int frag_bytes, uint16_t gso_bytes, uint8_t flags,
	       uint16_t port);

/* Attach and connect the back end, and the wire. */
bool start(void);
/* Take all away, and see that nothing is left. */
void stop(void);
void expect_nothing_left(void);
/* A packet goes through in each direction. */
void expect_alive(void);
/* The device of the image; NULL: it is not attached. */
struct uk_netdev *device(void);
bool wait_attached(bool is_attached);
/* Of the grant whose page has what packet `bytes` has behind its head */
grant_ref_t payload_ref(void);
/* The back end closes, the front end too. */
void be_close(void);
/* They connect again. @return whether that worked. */
bool reconnect(void);
/* What it has dropped for @why */
bool wait_drops(enum uk_net_drop why, uint64_t n);

#endif /* TEST_COMMON_H */
