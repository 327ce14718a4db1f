/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A connection: its ring, its port, and the pages that data go through. These hold
 * nothing but data of this disk, and are granted from the connection's beginning to
 * its end: a request costs no work on grants, and a back end that keeps one mapped,
 * or writes it when it should not, harms nobody but its own disk. What it has mapped
 * when the connection ends is waited for: the link then stands in `ending`.
 */
#include "blkfront_priv.h"

#include <string.h>

#include <uk/alloc.h>
#include <uk/pages.h>

static struct uk_list ending = UK_LIST_INIT(ending);

/* ---- Pages ---- */

struct blkfront_page *blkfront_page_take(struct blkfront_link *link)
{
	struct blkfront_page *page = link->free;

	link->free = page->next;
	link->n_free--;
	return page;
}

void blkfront_page_free(struct blkfront_link *link, struct blkfront_page *page)
{
	page->next = link->free;
	link->free = page;
	link->n_free++;
}

static bool offer_page(struct blkfront_link *link, struct blkfront_page *page)
{
	int ref;

	page->va = uk_pages_alloc(0);
	if (!page->va)
		return false;
	/* What was there before is not for the back end */
	memset(page->va, 0, UK_PAGE_SIZE);
	ref = uk_gnttab_grant(link->bf->xdev->remote, page->va, false);
	if (ref < 0)
		return false;
	page->ref = (grant_ref_t)ref;
	blkfront_page_free(link, page);
	return true;
}

static bool offer_pages(struct blkfront_link *link)
{
	for (unsigned int i = 0; i < CONFIG_LIBBLKFRONT_PAGES; i++)
		if (!offer_page(link, &link->pages[i]))
			return false;
	return true;
}

/* ---- Start and end ---- */

struct blkfront_link *blkfront_link_new(struct blkfront *bf, uk_evtchn_handler_t on_event)
{
	struct blkfront_link *link = uk_calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->bf = bf;
	uk_list_init(&link->node);
	if (uk_xenfront_page_open(bf->xdev, "ring", &link->ring_page) || !offer_pages(link) ||
	    uk_evtchn_alloc_unbound(bf->xdev->remote, on_event, bf, &link->port)) {
		blkfront_link_end(link);
		return NULL;
	}
	uk_xen_front_init(&link->ring, link->ring_page.va, sizeof(union blkfront_wire));
	return link;
}

/* @return whether nobody has anything of it any more; then it is freed. */
static bool reap(struct blkfront_link *link)
{
	bool is_over = uk_xenfront_page_close(&link->ring_page);

	for (unsigned int i = 0; i < CONFIG_LIBBLKFRONT_PAGES; i++) {
		struct blkfront_page *page = &link->pages[i];

		if (page->ref && uk_gnttab_end(page->ref)) {
			is_over = false;
			continue;
		}
		page->ref = 0;
		if (page->va)
			uk_pages_free(page->va, 0);
		page->va = NULL;
	}
	if (!is_over)
		return false;
	uk_list_del(&link->node);
	uk_free(link);
	return true;
}

void blkfront_link_end(struct blkfront_link *link)
{
	if (link->port)
		uk_evtchn_close(link->port);
	link->port = 0;
	link->bf = NULL;
	if (!reap(link))
		uk_list_add_tail(&ending, &link->node);
}

bool blkfront_links_reap(void)
{
	struct blkfront_link *link, *tmp;

	UK_LIST_FOREACH_SAFE(link, tmp, &ending, node)
		reap(link);
	return uk_list_is_empty(&ending);
}
