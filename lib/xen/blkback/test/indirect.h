/* SPDX-License-Identifier: BSD-3-Clause */
/* Indirect requests: the last data page has their segments, the others their data. */
#ifndef TEST_INDIRECT_H
#define TEST_INDIRECT_H

#include "common.h"

/* Half a page each, over all pages of data */
#define INDIRECT_PAGES (FE_PAGES - 1)
#define INDIRECT_SEGS (2 * INDIRECT_PAGES)

static inline struct blkback_wire_seg *fe_segs(const struct frontend *f)
{
	return (void *)(f->data + INDIRECT_PAGES * UK_PAGE_SIZE);
}

/* Fill the next slot and the page of segments, @n_segs halves of pages; a segment more
 * than there are halves begins anew. The slot stays open to be spoilt until fe_push().
 * @return where its 64-bit form lies (is_32bit: NULL). */
struct blkback_wire_indirect *fe_put_indirect(struct frontend *f, uint8_t op, uint64_t sector,
					      unsigned int n_segs, uint64_t id);
/* fe_put_indirect(), fe_push(), fe_answer() */
int fe_do_indirect(struct frontend *f, uint8_t op, uint64_t sector, unsigned int n_segs);
/* Write INDIRECT_SEGS, read them back in both ways. */
void indirect_and_back(struct frontend *f, uint64_t sector);

#endif /* TEST_INDIRECT_H */
