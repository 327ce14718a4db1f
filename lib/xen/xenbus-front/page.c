/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pages that a back end maps for long. When the image starts again they are still
 * mapped, and the back end goes on writing to them until it has heard of it: they
 * are kept memory, which nobody else uses meanwhile.
 */
#include <uk/xen/xenbus_front.h>

#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/print.h>
#include <uk/restart.h>

/* @return NULL: there is no room, or an earlier life's back end does not let go of
 * it. Then it stays as it is, for the rest of this life. */
static void *keep(const struct uk_xenfront_dev *dev, const char *what)
{
	char name[UK_KEEP_NAME_MAX + 1];
	bool is_inherited;
	void *va;

	uk_snprintf(name, sizeof(name), "xenfront/%s/%u/%s", dev->drv->kind, dev->id, what);
	va = uk_keep(name, UK_PAGE_SIZE, &is_inherited);
	return va && is_inherited && uk_gnttab_end_kept(va) ? NULL : va;
}

static void release(struct uk_xenfront_page *page)
{
	if (page->is_kept)
		uk_keep_free(page->va);
	else
		uk_pages_free(page->va, 0);
	page->va = NULL;
}

int uk_xenfront_page_open(const struct uk_xenfront_dev *dev, const char *name,
			  struct uk_xenfront_page *page)
{
	int ref;

	*page = (struct uk_xenfront_page) { .va = keep(dev, name) };
	page->is_kept = page->va;
	if (!page->va)
		page->va = uk_pages_alloc(0);
	if (!page->va)
		return -ENOMEM;
	memset(page->va, 0, UK_PAGE_SIZE);
	ref = uk_gnttab_grant(dev->remote, page->va, false);
	if (ref < 0) {
		release(page);
		return -ENOSPC;
	}
	page->ref = (grant_ref_t)ref;
	return 0;
}

bool uk_xenfront_page_close(struct uk_xenfront_page *page)
{
	if (page->ref && uk_gnttab_end(page->ref))
		return false;
	page->ref = 0;
	if (page->va)
		release(page);
	return true;
}
