/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Operations on configuration space, done by the PCI back end. Specification:
 * xen/io/pciif.h.
 *
 * The back end is dom0's kernel, which could do anything to us; its answers are
 * copied once and used as numbers only.
 */
#include <errno.h>
#include <string.h>

#include <uk/arch/barrier.h>
#include <uk/arch/page.h>
#include <uk/plat/time.h>
#include <uk/restart.h>
#include <uk/thread.h>
#include <uk/wait.h>
#include <uk/xen/evtchn.h>
#include <uk/xen/gnttab.h>

#include "pcifront_priv.h"

#define NO_LINE 0xff
#define PATIENCE_NS (5 * UK_NSEC_PER_SEC)

/* Kept over a restart: the back end connects once. No port: nothing is agreed */
struct kept {
	grant_ref_t ref;
	evtchn_port_t port;
};

static struct xen_pci_sharedinfo *shared;
static evtchn_port_t port;
static struct uk_wait_queue answered = UK_WAIT_QUEUE_INIT(answered);
static struct uk_wait_queue released = UK_WAIT_QUEUE_INIT(released);
static bool is_busy;
static bool is_polling;			/* the image stops: there are no threads */

static bool is_active(void)
{
	return UK_READ_ONCE(shared->flags) & XEN_PCIF_active;
}

static void on_event(evtchn_port_t p uk_unused, void *arg uk_unused)
{
	uk_wait_wake_one(&answered);
}

/* @return whether there is an answer. */
static bool wait_answer(void)
{
	uint64_t deadline_ns = uk_plat_mono_ns() + (is_polling ? UK_RESTART_STOP_NS : PATIENCE_NS);

	if (!is_polling)
		return !uk_wait_event_until(&answered, !is_active(), deadline_ns);
	while (is_active() && uk_plat_mono_ns() < deadline_ns)
		uk_arch_relax();
	return !is_active();
}

/* Have @op done; it becomes the answer. Only what every operation uses is
 * copied: the head, and entry 0 of MSI-X. */
static int exchange(struct xen_pci_op *op)
{
	const size_t len = offsetof(struct xen_pci_op, msix_entries) + sizeof(op->msix_entries[0]);

	memcpy(&shared->op, op, len);
	uk_arch_wmb();
	__atomic_fetch_or(&shared->flags, XEN_PCIF_active, __ATOMIC_SEQ_CST);
	uk_evtchn_notify(port);
	if (!wait_answer())
		return -ETIMEDOUT;
	uk_arch_rmb();
	memcpy(op, &shared->op, len);
	return 0;
}

static int error_of(int32_t err)
{
	switch (err) {
	case XEN_PCI_ERR_success:
		return 0;
	case XEN_PCI_ERR_dev_not_found:
		return -ENODEV;
	case XEN_PCI_ERR_access_denied:
		return -EACCES;
	case XEN_PCI_ERR_not_implemented:
		return -ENOSYS;
	default:
		return -EIO;
	}
}

static int do_op(const struct uk_pci_dev *dev, struct xen_pci_op *op)
{
	int err;

	op->domain = dev->segment;
	op->bus = dev->bus;
	op->devfn = dev->devfn;
	/* What a thread waits for is answered first; nobody will read it */
	if (is_polling)
		return !wait_answer() || exchange(op) ? -ETIMEDOUT : error_of(op->err);
	uk_wait_event(&released, !is_busy);
	/* One that was never answered may still be under way */
	if (is_active())
		return -ETIMEDOUT;
	is_busy = true;
	err = exchange(op);
	is_busy = false;
	uk_wait_wake_one(&released);
	return err ? err : error_of(op->err);
}

static int front_read(const struct uk_pci_dev *dev, unsigned int reg, unsigned int bytes,
		      uint32_t *value)
{
	struct xen_pci_op op = {
		.cmd = XEN_PCI_OP_conf_read, .offset = (int32_t)reg, .size = (int32_t)bytes,
	};
	int err = do_op(dev, &op);

	*value = op.value & UINT32_MAX >> (32 - 8 * bytes);
	return err;
}

static int front_write(const struct uk_pci_dev *dev, unsigned int reg, unsigned int bytes,
		       uint32_t value)
{
	struct xen_pci_op op = {
		.cmd = XEN_PCI_OP_conf_write, .offset = (int32_t)reg, .size = (int32_t)bytes,
		.value = value,
	};

	return do_op(dev, &op);
}

/* The connection goes on after a restart, and so does what is asked here. */
static void front_poll(void)
{
	is_polling = true;
}

/* ---- Interrupts ---- */

/* Of the line: xl has made it ours, and the back end says its number. */
static int find_pirq(const struct uk_pci_dev *dev, uint32_t *pirq)
{
	int err = front_read(dev, UK_PCI_INTERRUPT_LINE, 1, pirq);

	return !err && (!*pirq || *pirq == NO_LINE) ? -ENODEV : err;
}

/* The pirq that the back end has made for entry 0 of MSI-X, or for MSI. */
static int make_pirq(const struct uk_pci_dev *dev, bool is_msix, uint32_t *pirq)
{
	struct xen_pci_op op = { .cmd = is_msix ? XEN_PCI_OP_enable_msix : XEN_PCI_OP_enable_msi };
	struct xen_pci_op off = {
		.cmd = is_msix ? XEN_PCI_OP_disable_msix : XEN_PCI_OP_disable_msi,
	};
	int err;

	/* Those of an earlier life, if it had any */
	if (uk_restart_count())
		do_op(dev, &off);
	if (is_msix)
		op.value = 1;
	err = do_op(dev, &op);
	if (!err && is_msix && op.value)
		err = -EIO;
	*pirq = is_msix ? op.msix_entries[0].vector : op.value;
	return err;
}

static int front_irq(struct uk_pci_dev *dev, enum uk_pci_irq_kind kind, unsigned int at uk_unused,
		     void (*handler)(void *arg), void *arg)
{
	uint32_t pirq;
	int err = kind == UK_PCI_IRQ_INTX ? find_pirq(dev, &pirq)
					  : make_pirq(dev, kind == UK_PCI_IRQ_MSIX, &pirq);

	return err ? err : pcifront_irq_bind(pirq, handler, arg);
}

const struct uk_pci_host pcifront_host = {
	.read = front_read,
	.write = front_write,
	.poll = front_poll,
	.irq = front_irq,
};

/* ---- Start ---- */

/* The page and the port of an earlier life, which the back end still has. */
static int take_over(const struct kept *kept)
{
	int err = uk_evtchn_adopt(kept->port, on_event, NULL);
	uint64_t deadline_ns = uk_plat_mono_ns() + PATIENCE_NS;

	port = kept->port;
	if (!err)
		uk_evtchn_unmask(port);
	/* What that life has asked for last */
	while (!err && is_active() && uk_plat_mono_ns() < deadline_ns)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	return err;
}

static int open_anew(domid_t backend, struct kept *kept)
{
	int err = uk_gnttab_grant(backend, shared, false);

	if (err < 0)
		return err;
	kept->ref = (grant_ref_t)err;
	err = uk_evtchn_alloc_unbound(backend, on_event, NULL, &port);
	if (err) {
		uk_gnttab_end(kept->ref);
		return err;
	}
	uk_evtchn_keep(port);
	kept->port = port;
	uk_evtchn_unmask(port);
	return 0;
}

int pcifront_op_open(domid_t backend, grant_ref_t *ref, evtchn_port_t *out)
{
	bool has_page, has_kept, is_old;
	struct kept *kept = uk_keep("pcifront", sizeof(*kept), &has_kept);
	int err;

	shared = uk_keep("pcifront/page", UK_PAGE_SIZE, &has_page);
	err = -ENOMEM;
	if (!shared || !kept)
		goto free_kept;
	/* If that fails the page stays: the back end has it */
	is_old = has_page && has_kept && kept->port;
	err = is_old ? take_over(kept) : open_anew(backend, kept);
	if (err && is_old)
		return err;
	if (err)
		goto free_kept;
	*ref = kept->ref;
	*out = port;
	return 0;

free_kept:
	uk_keep_free(shared);
	uk_keep_free(kept);
	return err;
}
