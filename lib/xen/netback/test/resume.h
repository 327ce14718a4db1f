/* SPDX-License-Identifier: BSD-3-Clause */
/* A restart, as the tests make one. */
#ifndef TEST_RESUME_H
#define TEST_RESUME_H

#include "common.h"
#include "../netback_priv.h"

#define KEPT_BYTES (sizeof(struct netback_kept) + UK_XEN_LEDGER_MAP_BYTES(NETBACK_RING_SIZE))

/* What the life before leaves: a test may spoil it between leave() and come_back(). */
extern struct left {
	char tx[UK_PAGE_SIZE], rx[UK_PAGE_SIZE];
	union {
		struct netback_kept kept;
		char bytes[KEPT_BYTES];
	};
	bool has_kept;
} left[FE_MAX_QUEUES];
extern struct netback_rx_journal journal;

/* start(), and find_vif(). */
bool start_known(void);
/* See to it that leave() knows the instance of fe's device: again in each life.
 * @return false: a packet did not come through. */
bool find_vif(void);
/* fe's instance goes. */
void leave(void);
/* The next life. It writes nothing where it resumes. */
void come_back(void);
/* fe is served again, without a word. */
bool is_resumed(void);

/* A packet in two slots, @id and the next, that stays in its pages. */
void send_long(unsigned int q, uint16_t id);

#endif /* TEST_RESUME_H */
