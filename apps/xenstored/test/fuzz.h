/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An input of the fuzzer: a list of actions of dom0 and three guests. `seed`
 * translates it to text and back.
 *
 *	byte 0		action in bits 0..3, domain in bits 4..5; bit 6: the daemon
 *			does not run before the next action
 *	then		what the action wants; what is missing at the end is 0
 *	0xff		ends the action
 *
 * So bytes that are inserted, removed or exchanged change one action, not all that
 * follow. Within an action 0xfe 0x00 stands for 0xfe, 0xfe 0x01 for 0xff.
 *
 * Rules
 * - dom0 is trusted: it sends whole messages, connects no domain and sets
 *   no target by hand, leaves the root node alone and says to XS_CONTROL only "check". An action
 *   that is not for it does nothing.
 * - Transactions are named by the order in which their domain began them.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim.h"

enum fuzz_action {
	FUZZ_MSG,	/* type, transaction, payload */
	FUZZ_SPLIT,	/* cut; then as FUZZ_MSG: all but `cut` bytes come with the
			 * domain's next action */
	FUZZ_LONG,	/* type, transaction, fill, length (2), begin of payload */
	FUZZ_RAW,	/* bytes into the ring */
	FUZZ_INDEX,	/* which index, what to add (2, signed) */
	FUZZ_PAGE,	/* which byte behind the rings, value */
	FUZZ_DEAF,	/* bit 0: takes no replies from now on */
	FUZZ_LIFE,	/* enum fuzz_life */
	FUZZ_TARGET,	/* bits 0..1: which guest, of a lower number than this one's */
	FUZZ_TIME,	/* bits 0..3: 2^n milliseconds */
	FUZZ_REPEAT,	/* bits 0..5: so often the last message, with a number at the end
			 * of its path */
	FUZZ_N_ACTIONS,
};

enum fuzz_life {
	FUZZ_SHUTDOWN,
	FUZZ_DYING,
	FUZZ_END,
	FUZZ_NEW,
	FUZZ_INTRODUCE,
	FUZZ_RELEASE,
	FUZZ_ANEW,		/* end, new, introduce */
	FUZZ_N_LIVES,
};

#define FUZZ_END_OF_ACTION 0xff
#define FUZZ_ESCAPE 0xfe

#define FUZZ_N_DOMAINS 4
#define FUZZ_N_TX 4

/* What the input has done so far, for each domain. */
struct fuzz_domain {
	uint32_t tx[FUZZ_N_TX];		/* ids as the daemon gave them, the last first */
	uint8_t msg[XENSTORE_PAYLOAD_MAX];	/* the last payload, expanded */
	size_t n_msg;
	uint8_t type;
	uint8_t tx_of_msg;
	uint8_t rest[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
	size_t n_rest;			/* of a message that was split */
};

/* Do what the input says. */
void fuzz_play(const uint8_t *bytes, size_t len);

/** Has dom0 given nodes to others, which no quota stops? */
bool fuzz_has_given(void);

#endif /* FUZZ_H */
