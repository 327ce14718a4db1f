/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FIFO event channels: each port has a word with its state and a link, and Xen
 * chains the words of pending ports to queues, one for each priority.
 * Specification: xen/event_channel.h, "FIFO ABI", and
 * xenbits.xen.org/people/dvrabel/event-channels-F.pdf.
 */
#include <errno.h>
#include <string.h>

#include <uk/arch/barrier.h>
#include <uk/bitops.h>
#include <uk/pages.h>
#include <uk/print.h>
#include <uk/restart.h>
#include <uk/xen/gnttab.h>

#include "hypercall.h"
#include "xen_priv.h"

#define WORDS_PER_PAGE (UK_PAGE_SIZE / sizeof(event_word_t))

#define SCAN_BUDGET 256

#define PENDING (1U << EVTCHN_FIFO_PENDING)
#define MASKED (1U << EVTCHN_FIFO_MASKED)
#define LINKED (1U << EVTCHN_FIFO_LINKED)

/* Xen takes these once and for all. Must not cross a page. */
static struct evtchn_fifo_control_block control uk_aligned(128) uk_kept;
static bool is_open uk_kept;

/* Words by port, in the order in which Xen got the pages. A word begins as 0,
 * not masked, but a port is masked before we look at its events again. */
static event_word_t first_page[WORDS_PER_PAGE]
	uk_aligned(UK_PAGE_SIZE) uk_kept_pages("fifo");
static event_word_t *pages[EVTCHN_FIFO_NR_CHANNELS / WORDS_PER_PAGE] uk_kept;
static unsigned int n_pages uk_kept;

/* Next port of each queue; 0: look into the control block */
static uint32_t heads[EVTCHN_FIFO_MAX_QUEUES];

static event_word_t *word_of(evtchn_port_t port)
{
	return &pages[port / WORDS_PER_PAGE][port % WORDS_PER_PAGE];
}

static event_word_t *page_new(void)
{
#if IS_ENABLED(CONFIG_LIBRESTART)
	bool is_inherited;
	char name[16];

	uk_snprintf(name, sizeof(name), "xen/fifo/%u", n_pages);
	return uk_keep(name, UK_PAGE_SIZE, &is_inherited);
#else
	void *page = uk_pages_alloc(0);

	return page ? memset(page, 0, UK_PAGE_SIZE) : NULL;
#endif
}

static void page_free(event_word_t *page)
{
#if IS_ENABLED(CONFIG_LIBRESTART)
	uk_keep_free(page);
#else
	uk_pages_free(page, 0);
#endif
}

static int add_page(void)
{
	struct evtchn_expand_array op;
	event_word_t *page = n_pages ? page_new() : first_page;

	if (!page)
		return -ENOMEM;
	op.array_gfn = uk_xen_gfn(page);
	if (xen_event_channel_op(EVTCHNOP_expand_array, &op)) {
		if (n_pages)
			page_free(page);
		return -ENOMEM;
	}
	pages[n_pages++] = page;
	return 0;
}

static int prepare(evtchn_port_t port)
{
	int err = 0;

	while (!err && port / WORDS_PER_PAGE >= n_pages)
		err = add_page();
	return err;
}

static void mask(evtchn_port_t port)
{
	__atomic_fetch_or(word_of(port), MASKED, __ATOMIC_SEQ_CST);
}

static void unmask(evtchn_port_t port)
{
	struct evtchn_unmask op = { .port = port };

	/* A pending port that was masked is in no queue: Xen has to link it */
	if (__atomic_and_fetch(word_of(port), ~MASKED, __ATOMIC_SEQ_CST) & PENDING)
		xen_event_channel_op(EVTCHNOP_unmask, &op);
}

static bool test_and_clear(evtchn_port_t port)
{
	return __atomic_fetch_and(word_of(port), ~PENDING, __ATOMIC_SEQ_CST) & PENDING;
}

/* Take @port out of its queue. @return the port behind it, 0: it was last. */
static uint32_t unlink_port(evtchn_port_t port)
{
	event_word_t *word = word_of(port);
	event_word_t old = UK_READ_ONCE(*word);

	while (!__atomic_compare_exchange_n(word, &old, old & ~(LINKED | EVTCHN_FIFO_LINK_MASK),
					    false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	return old & EVTCHN_FIFO_LINK_MASK;
}

/* Deliver the first port of queue @q. @return whether there may be more. */
static bool deliver_first(unsigned int q)
{
	uint32_t port = heads[q];

	if (!port) {
		uk_arch_rmb();
		port = UK_READ_ONCE(control.head[q]);
	}
	/* A port that nobody has adopted has no word that we could unlink */
	if (port / WORDS_PER_PAGE >= n_pages)
		return false;
	heads[q] = unlink_port(port);
	if (!(UK_READ_ONCE(*word_of(port)) & MASKED) && test_and_clear(port))
		xen_evtchn_deliver(port);
	return heads[q];
}

/* Peers may add to a queue as fast as we take from it: after SCAN_BUDGET ports
 * the threads have their turn. */
static void scan(void)
{
	static unsigned long ready;
	unsigned int budget = SCAN_BUDGET;

	ready |= __atomic_exchange_n(&control.ready, 0, __ATOMIC_SEQ_CST);
	for (; ready && budget; budget--) {
		if (!deliver_first(uk_bit_lowest(ready)))
			ready &= ready - 1;
	}
	if (ready)
		UK_WRITE_ONCE(xen_vcpu_info()->evtchn_upcall_pending, 1);
}

#if IS_ENABLED(CONFIG_LIBRESTART)
/* The queues are what Xen has linked and we have not unlinked: a queue whose
 * last port is unlinked is empty to Xen, which begins it anew. Xen links no
 * masked port; one that it was about to link is why this is done twice. */
static void quiet(void)
{
	for (evtchn_port_t port = 0; port < n_pages * WORDS_PER_PAGE; port++)
		mask(port);
	for (evtchn_port_t port = 0; port < n_pages * WORDS_PER_PAGE; port++)
		unlink_port(port);
	memset(heads, 0, sizeof(heads));
	UK_WRITE_ONCE(control.ready, 0);
}
#endif

static const struct xen_evtchn_abi fifo = {
	.max_ports = EVTCHN_FIFO_NR_CHANNELS,
	.prepare = prepare,
	.mask = mask,
	.unmask = unmask,
	.test_and_clear = test_and_clear,
	.scan = scan,
#if IS_ENABLED(CONFIG_LIBRESTART)
	.quiet = quiet,
#endif
};

const struct xen_evtchn_abi *xen_evtchn_fifo_probe(void)
{
	struct evtchn_init_control op = {
		.control_gfn = uk_xen_gfn(&control),
		.offset = (uintptr_t)&control & (UK_PAGE_SIZE - 1),
	};

	if (!(IS_ENABLED(CONFIG_LIBRESTART) && is_open) &&
	    xen_event_channel_op(EVTCHNOP_init_control, &op))
		return NULL;
	is_open = true;
	return &fifo;
}
