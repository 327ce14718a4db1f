/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * 2-level event channels: a pending and a mask bit for each port in the shared
 * info page, and a selector word with a bit for each word of pending bits.
 * Specification: xen/xen.h, struct shared_info.
 */
#include <uk/arch/barrier.h>
#include <uk/bitops.h>
#include <uk/util.h>

#include "xen_priv.h"

static unsigned long *word_of(xen_ulong_t *map, evtchn_port_t port)
{
	return &map[uk_bit_word(port)];
}

static int prepare(evtchn_port_t port)
{
	(void)port;
	return 0;
}

static void mask(evtchn_port_t port)
{
	__atomic_fetch_or(word_of(xen_shared_info->evtchn_mask, port), uk_bit_mask(port),
			  __ATOMIC_SEQ_CST);
}

/* All ports are delivered to the only vCPU, which is this one: what Xen would
 * do when asked to deliver a pending port, we do ourselves. */
static void unmask(evtchn_port_t port)
{
	struct vcpu_info *vi = xen_vcpu_info();

	__atomic_fetch_and(word_of(xen_shared_info->evtchn_mask, port), ~uk_bit_mask(port),
			   __ATOMIC_SEQ_CST);
	if (!(UK_READ_ONCE(*word_of(xen_shared_info->evtchn_pending, port)) & uk_bit_mask(port)))
		return;
	__atomic_fetch_or(&vi->evtchn_pending_sel, uk_bit_mask(uk_bit_word(port)),
			  __ATOMIC_SEQ_CST);
	UK_WRITE_ONCE(vi->evtchn_upcall_pending, 1);
}

static bool test_and_clear(evtchn_port_t port)
{
	return __atomic_fetch_and(word_of(xen_shared_info->evtchn_pending, port),
				  ~uk_bit_mask(port), __ATOMIC_SEQ_CST) & uk_bit_mask(port);
}

static void scan_word(unsigned int w)
{
	struct shared_info *si = xen_shared_info;
	unsigned long pending = UK_READ_ONCE(si->evtchn_pending[w]);
	evtchn_port_t port;

	for (; pending; pending &= pending - 1) {
		port = w * UK_BITS_PER_LONG + uk_bit_lowest(pending);
		/* An earlier handler may have masked it */
		if (UK_READ_ONCE(si->evtchn_mask[w]) & uk_bit_mask(port))
			continue;
		if (test_and_clear(port))
			xen_evtchn_deliver(port);
	}
}

static void scan(void)
{
	unsigned long sel = __atomic_exchange_n(&xen_vcpu_info()->evtchn_pending_sel, 0,
						__ATOMIC_SEQ_CST);

	for (; sel; sel &= sel - 1)
		scan_word(uk_bit_lowest(sel));
}

#if IS_ENABLED(CONFIG_LIBRESTART)
static void quiet(void)
{
	for (unsigned int w = 0; w < UK_ARRAY_SIZE(xen_shared_info->evtchn_mask); w++)
		UK_WRITE_ONCE(xen_shared_info->evtchn_mask[w], ~0UL);
	UK_WRITE_ONCE(xen_vcpu_info()->evtchn_pending_sel, 0);
}
#endif

const struct xen_evtchn_abi xen_evtchn_2l = {
	.max_ports = EVTCHN_2L_NR_CHANNELS,
	.prepare = prepare,
	.mask = mask,
	.unmask = unmask,
	.test_and_clear = test_and_clear,
	.scan = scan,
#if IS_ENABLED(CONFIG_LIBRESTART)
	.quiet = quiet,
#endif
};
