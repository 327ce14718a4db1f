/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Grant copies, collected and done in one hypercall. There is one batch: a turn
 * does not block, so nobody finds it half full of another's.
 *
 * References are the frontends' word; Xen checks each, and each has its own
 * status. When a copy from one domain's page to another's fails, a second try
 * with a byte of ours tells whose fault it was.
 */
#include "netback_priv.h"

#include <errno.h>

static struct gnttab_copy ops[NETBACK_MAX_COPIES];
static uint16_t tags[NETBACK_MAX_COPIES];
static unsigned int n_ops;

/* ---- Adding ---- */

unsigned int netback_copy_room(void)
{
	return NETBACK_MAX_COPIES - n_ops;
}

static struct gnttab_copy *add(unsigned int tag)
{
	tags[n_ops] = (uint16_t)tag;
	return &ops[n_ops++];
}

/* Of @len bytes at @va: those before the end of the page */
static uint16_t in_page(const void *va, uint16_t len)
{
	size_t room = UK_PAGE_SIZE - ((uintptr_t)va & (UK_PAGE_SIZE - 1));

	return (uint16_t)UK_MIN(room, (size_t)len);
}

void netback_copy_in(unsigned int tag, void *dst, domid_t dom, grant_ref_t ref, uint16_t offset,
		     uint16_t len)
{
	for (uint16_t done = 0, part; done < len; done += part) {
		char *at = (char *)dst + done;

		part = in_page(at, len - done);
		uk_gnttab_copy_in(add(tag), at, dom, ref, offset + done, part);
	}
}

void netback_copy_out(unsigned int tag, const void *src, domid_t dom, grant_ref_t ref,
		      uint16_t offset, uint16_t len)
{
	for (uint16_t done = 0, part; done < len; done += part) {
		const char *at = (const char *)src + done;

		part = in_page(at, len - done);
		uk_gnttab_copy_out(add(tag), at, dom, ref, offset + done, part);
	}
}

void netback_copy_across(unsigned int tag, const struct uk_net_frag *src, uint16_t from,
			 domid_t dom, grant_ref_t ref, uint16_t offset, uint16_t len)
{
	struct gnttab_copy *op = add(tag);

	op->source.u.ref = src->ref;
	op->source.domid = src->domain;
	op->source.offset = src->offset + from;
	op->dest.u.ref = ref;
	op->dest.domid = dom;
	op->dest.offset = offset;
	op->len = len;
	op->flags = GNTCOPY_source_gref | GNTCOPY_dest_gref;
	op->status = GNTST_okay;
}

/* ---- Doing ---- */

static bool can_be_written(const struct gnttab_copy *failed)
{
	static const char byte;
	struct gnttab_copy op;

	uk_gnttab_copy_out(&op, &byte, failed->dest.domid, failed->dest.u.ref,
			   failed->dest.offset, 1);
	return !uk_gnttab_copy(&op, 1);
}

static bool is_dest_at_fault(const struct gnttab_copy *failed)
{
	if (!(failed->flags & GNTCOPY_dest_gref))
		return false;
	return !(failed->flags & GNTCOPY_source_gref) || !can_be_written(failed);
}

void netback_copy_run(bool *is_ok, bool *is_dest_bad)
{
	int err = n_ops ? uk_gnttab_copy(ops, n_ops) : 0;

	for (unsigned int i = 0; err && i < n_ops; i++) {
		if (ops[i].status == GNTST_okay)
			continue;
		/* One try a packet: it does not pay to offer many bad pages */
		if (is_dest_bad && is_ok[tags[i]])
			is_dest_bad[tags[i]] = is_dest_at_fault(&ops[i]);
		is_ok[tags[i]] = false;
	}
	n_ops = 0;
}

void netback_fetch(struct uk_netdev *netdev uk_unused, struct uk_net_pkt **pkts, unsigned int n,
		   void *const *to, bool *is_ok)
{
	for (unsigned int i = 0; i < n; i++) {
		char *at = to[i];

		is_ok[i] = true;
		for (unsigned int f = 0; f < pkts[i]->n_frags; f++) {
			const struct uk_net_frag *frag = &pkts[i]->frags[f];

			/* It crosses one page of ours at most */
			if (netback_copy_room() < 2)
				netback_copy_run(is_ok, NULL);
			netback_copy_in(i, at, frag->domain, frag->ref, frag->offset,
					frag->len_bytes);
			at += frag->len_bytes;
		}
	}
	netback_copy_run(is_ok, NULL);
}
