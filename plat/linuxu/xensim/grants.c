/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Grant tables: one table for the whole host. A mapping is the page itself, so
 * that what the peer writes is seen at once, as on Xen. Copies check what Xen
 * checks, one operation at a time. A reference is the number of its slot, but
 * for the reserved ones, of which each domain has its own.
 */
#include <uk/xen/gnttab.h>

#include <errno.h>
#include <string.h>

#include "xensim_priv.h"

#define N_GRANTS 4096
#define FIRST_REF 8	/* as Xen: the first ones are reserved */

static struct grant {
	bool is_used, is_readonly;
	grant_ref_t ref;
	domid_t owner, grantee;
	void *page;
	unsigned int n_maps;
} grants[N_GRANTS];

static unsigned int n_mappings;
static unsigned long n_copies, n_copy_calls;

/* What was mapped when its owner ended keeps its slot. */
static struct grant *take(domid_t owner, domid_t grantee, void *page, bool is_readonly)
{
	for (grant_ref_t i = FIRST_REF; i < N_GRANTS; i++) {
		if (grants[i].is_used || grants[i].n_maps)
			continue;
		grants[i] = (struct grant) {
			.is_used = true, .is_readonly = is_readonly, .ref = i,
			.owner = owner, .grantee = grantee, .page = page,
		};
		return &grants[i];
	}
	return NULL;
}

static bool end(grant_ref_t ref)
{
	if (ref < N_GRANTS && grants[ref].n_maps)
		return false;
	if (ref < N_GRANTS)
		grants[ref].is_used = false;
	return true;
}

static struct grant *lookup(domid_t owner, grant_ref_t ref)
{
	for (grant_ref_t i = ref < FIRST_REF ? FIRST_REF : ref; i < N_GRANTS; i++) {
		struct grant *g = &grants[i];

		if (g->is_used && g->ref == ref && g->owner == owner)
			return g;
		if (ref >= FIRST_REF)
			break;
	}
	return NULL;
}

/* The grant of @owner that the image may use; NULL with *@status set. */
static struct grant *find(domid_t owner, grant_ref_t ref, bool is_write, int16_t *status)
{
	struct grant *g = lookup(owner, ref);

	*status = GNTST_okay;
	if (!g || g->grantee != UK_XENSIM_SELF)
		*status = GNTST_bad_gntref;
	else if (is_write && g->is_readonly)
		*status = GNTST_permission_denied;
	return *status == GNTST_okay ? g : NULL;
}

/* ---- The image's side ---- */

xen_pfn_t uk_xen_gfn(const void *va)
{
	return (uintptr_t)va >> UK_PAGE_SHIFT;
}

int uk_gnttab_grant(domid_t remote, const void *va, bool is_readonly)
{
	struct grant *g = take(UK_XENSIM_SELF, remote, (void *)(uintptr_t)va, is_readonly);

	return g ? (int)g->ref : -ENOSPC;
}

int uk_gnttab_end(grant_ref_t ref)
{
	return end(ref) ? 0 : -EBUSY;
}

#if IS_ENABLED(CONFIG_LIBRESTART)
int uk_gnttab_end_kept(const void *va)
{
	for (grant_ref_t i = FIRST_REF; i < N_GRANTS; i++)
		if (grants[i].is_used && grants[i].owner == UK_XENSIM_SELF &&
		    grants[i].page == va && !end(i))
			return -EBUSY;
	return 0;
}
#endif

static void map_one(struct uk_gnttab_map *m)
{
	struct grant *g = find(m->remote, m->ref, !m->is_readonly, &m->status);

	m->va = g ? g->page : NULL;
	if (g) {
		m->handle = (grant_handle_t)(g - grants);
		g->n_maps++;
		n_mappings++;
	}
}

int uk_gnttab_map(struct uk_gnttab_map *maps, unsigned int n)
{
	int err = 0;

	for (unsigned int i = 0; i < n; i++) {
		map_one(&maps[i]);
		if (maps[i].status != GNTST_okay)
			err = -EIO;
	}
	return err;
}

bool uk_gnttab_is_dma(void)
{
	return true;
}

int uk_gnttab_map_contiguous(struct uk_gnttab_map *maps, unsigned int n)
{
	int err = uk_gnttab_map(maps, n);

	for (unsigned int i = 1; !err && i < n; i++)
		if ((char *)maps[i].va != (char *)maps[0].va + i * UK_PAGE_SIZE)
			err = -ENOMEM;	/* the test has to grant consecutive pages */
	if (err)
		uk_gnttab_unmap(maps, n);
	return err;
}

void uk_gnttab_unmap(struct uk_gnttab_map *maps, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (maps[i].status != GNTST_okay)
			continue;
		grants[maps[i].handle].n_maps--;
		n_mappings--;
		maps[i].status = GNTST_bad_handle;
	}
}

/* Address of one end of a copy; NULL with op->status set. */
static char *copy_end(struct gnttab_copy *op, bool is_dest)
{
	const __typeof__(op->source) *end_ = is_dest ? (const void *)&op->dest : &op->source;
	bool is_ref = op->flags & (is_dest ? GNTCOPY_dest_gref : GNTCOPY_source_gref);
	struct grant *g;

	if (end_->offset + op->len > UK_PAGE_SIZE) {
		op->status = GNTST_bad_copy_arg;
		return NULL;
	}
	if (!is_ref) {
		if (end_->domid != DOMID_SELF) {
			op->status = GNTST_permission_denied;
			return NULL;
		}
		return (char *)((uintptr_t)end_->u.gmfn << UK_PAGE_SHIFT) + end_->offset;
	}
	g = find(end_->domid, end_->u.ref, is_dest, &op->status);
	return g ? (char *)g->page + end_->offset : NULL;
}

int uk_gnttab_copy(struct gnttab_copy *ops, unsigned int n)
{
	int err = 0;

	n_copy_calls++;
	for (unsigned int i = 0; i < n; i++) {
		char *src, *dst;

		n_copies++;
		ops[i].status = GNTST_okay;
		src = copy_end(&ops[i], false);
		dst = src ? copy_end(&ops[i], true) : NULL;
		if (dst)
			memcpy(dst, src, ops[i].len);
		else
			err = -EIO;
	}
	return err;
}

/* ---- The others' side ---- */

grant_ref_t uk_xensim_grant(domid_t dom, void *page, bool is_readonly)
{
	struct grant *g = take(dom, UK_XENSIM_SELF, page, is_readonly);

	return g ? g->ref : 0;
}

bool uk_xensim_grant_reserved(domid_t dom, grant_ref_t ref, void *page)
{
	struct grant *g = ref < FIRST_REF && !lookup(dom, ref) ?
		take(dom, UK_XENSIM_SELF, page, false) : NULL;

	if (g)
		g->ref = ref;
	return g;
}

void xensim_grants_drop(domid_t dom)
{
	for (grant_ref_t i = FIRST_REF; i < N_GRANTS; i++)
		if (grants[i].owner == dom)
			grants[i].is_used = false;
}

void *uk_xensim_granted(domid_t dom, grant_ref_t ref, bool is_write)
{
	struct grant *g = lookup(UK_XENSIM_SELF, ref);

	return g && g->grantee == dom && !(is_write && g->is_readonly) ? g->page : NULL;
}

void uk_xensim_granted_hold(grant_ref_t ref, bool is_held)
{
	grants[ref].n_maps = is_held;
}

unsigned int uk_xensim_granted_n(void)
{
	unsigned int n = 0;

	for (grant_ref_t i = FIRST_REF; i < N_GRANTS; i++)
		n += grants[i].is_used && grants[i].owner == UK_XENSIM_SELF;
	return n;
}

bool uk_xensim_grant_end(grant_ref_t ref)
{
	return end(ref);
}

bool uk_xensim_page_is_mapped(const void *page)
{
	for (grant_ref_t i = FIRST_REF; i < N_GRANTS; i++)
		if (grants[i].page == page && grants[i].n_maps)
			return true;
	return false;
}

unsigned int uk_xensim_mappings(void)
{
	return n_mappings;
}

unsigned long uk_xensim_copies(void)
{
	return n_copies;
}

unsigned long uk_xensim_copy_calls(void)
{
	return n_copy_calls;
}
