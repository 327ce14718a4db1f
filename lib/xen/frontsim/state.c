/* SPDX-License-Identifier: BSD-3-Clause */
/* What of the host's and the image's is in use. */
#include <uk/xen/frontsim.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/pages.h>

struct uk_frontsim_use uk_frontsim_use(void)
{
	struct uk_pages_stats pages;
	struct uk_heap_stats heap;

	uk_heap_stats(&heap);
	uk_pages_stats(&pages);
	return (struct uk_frontsim_use) {
		.mappings = uk_xensim_mappings(), .ports = uk_xensim_ports(),
		.nodes = uk_xensim_xs_nodes(), .watches = uk_xensim_xs_watches(),
		.n_allocs = heap.n_allocs,
		.pages = pages.total_pages - pages.free_pages -
			 heap.held_bytes / UK_PAGE_SIZE,
	};
}

const char *uk_frontsim_use_differs(const struct uk_frontsim_use *before,
				    const struct uk_frontsim_use *now)
{
	if (before->mappings != now->mappings)
		return "mapped grants";
	if (before->ports != now->ports)
		return "event channels";
	if (before->nodes != now->nodes)
		return "nodes of xenstore";
	if (before->watches != now->watches)
		return "watches";
	if (now->pages > before->pages + UK_FRONTSIM_CACHED_PAGES)
		return "pages";
	return before->n_allocs != now->n_allocs ? "blocks of the heap" : NULL;
}
