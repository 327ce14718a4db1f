/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Grant copies of a turn, in as few hypercalls as their table allows. References
 * are the frontend's word: Xen checks each operation by itself, and what it says
 * goes to the request that the operation is of.
 */
#include "blkback_priv.h"

#define MAX_OPS 128

/* There is one worker, so there is one batch; it is empty between turns. */
static struct gnttab_copy ops[MAX_OPS];
static int16_t *verdicts[MAX_OPS];
static unsigned int n_ops;

void blkback_copy_flush(void)
{
	if (n_ops && uk_gnttab_copy(ops, n_ops))
		for (unsigned int i = 0; i < n_ops; i++)
			if (ops[i].status != GNTST_okay)
				*verdicts[i] = BLKIF_RSP_ERROR;
	n_ops = 0;
}

static struct gnttab_copy *next_op(int16_t *verdict)
{
	if (n_ops == MAX_OPS)
		blkback_copy_flush();
	verdicts[n_ops] = verdict;
	return &ops[n_ops++];
}

void blkback_copy_in(void *to, domid_t remote, grant_ref_t ref, uint16_t offset, uint16_t len,
		     int16_t *verdict)
{
	uk_gnttab_copy_in(next_op(verdict), to, remote, ref, offset, len);
}

void blkback_copy_out(const void *from, domid_t remote, grant_ref_t ref, uint16_t offset,
		      uint16_t len, int16_t *verdict)
{
	uk_gnttab_copy_out(next_op(verdict), from, remote, ref, offset, len);
}
