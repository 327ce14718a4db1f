/* SPDX-License-Identifier: BSD-3-Clause */
/* What a lie of a frontend's costs: the packet, or the liar's connection. */
#ifndef TEST_HOSTILE_H
#define TEST_HOSTILE_H

#include "common.h"

#include <uk/test.h>

static inline bool has_error(const char *part)
{
	return uk_frontsim_has_error(&fe.sim, part);
}

/* Put slots with `put`; they cost fe its connection, for a reason with @part in
 * it, and it may start again from the beginning. */
#define EXPECT_FATAL(put, part)						\
	do {								\
		uk_xensim_xs_rm("error");				\
		if (start()) {						\
			put;						\
			fe_tx_push(&fe, 0);				\
			expect_closed();				\
			UK_EXPECT(has_error(part));			\
			UK_EXPECT_EQ(wire.n_pkts, 0);			\
			stop();						\
		}							\
	} while (0)

/* The slots are answered with an error, and nothing is sent. */
#define EXPECT_REFUSED(put, n)						\
	do {								\
		if (start()) {						\
			put;						\
			fe_tx_push(&fe, 0);				\
			for (unsigned int i_ = 0; i_ < (n); i_++)	\
				UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_ERROR); \
			uk_pktsim_wait(&wire, 0);					\
			expect_alive(&fe);				\
			stop();						\
		}							\
	} while (0)

#endif /* TEST_HOSTILE_H */
