/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The front end of PCI: agrees with the back end, then adds the devices that it
 * has. A thread does it, so that nobody waits who needs no device, and ends.
 * Specification: xen/io/xenbus.h, xen/io/pciif.h; the nodes as libxl and Linux's
 * back end write them.
 *
 * Devices stay until the domain ends: hot unplug is not known. A restart of the image
 * finds the back end connected, and goes on with what was agreed.
 */
#include <errno.h>

#include <xen/io/xenbus.h>

#include <uk/boot.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/thread.h>
#include <uk/wait.h>
#include <uk/xen/xenstore.h>

#include "pcifront_priv.h"

#define FRONT "device/pci/0"
#define PATIENCE_NS (30 * UK_NSEC_PER_SEC)
#define MAX_DEVICES 64
#define STACK_BYTES 8192

static char backend[80];
static struct uk_wait_queue changed = UK_WAIT_QUEUE_INIT(changed);
static bool is_changed;

struct offer {
	grant_ref_t ref;
	evtchn_port_t port;
};

static int write_offer(uk_xs_tx_t tx, void *arg)
{
	const struct offer *offer = arg;
	int err = uk_xs_printf(tx, FRONT, "pci-op-ref", "%u", offer->ref);

	if (!err)
		err = uk_xs_printf(tx, FRONT, "event-channel", "%u", offer->port);
	if (!err)
		err = uk_xs_write(tx, FRONT, "magic", XEN_PCI_MAGIC);
	if (!err)
		err = uk_xs_printf(tx, FRONT, "state", "%d", XenbusStateInitialised);
	return err;
}

static void on_change(struct uk_xs_watch *w uk_unused, const char *path uk_unused)
{
	is_changed = true;
	uk_wait_wake_one(&changed);
}

static int wait_connected(void)
{
	uint64_t deadline_ns = uk_plat_mono_ns() + PATIENCE_NS, state;
	static struct uk_xs_watch watch;
	static char path[sizeof(backend) + 8];
	int err;

	uk_snprintf(path, sizeof(path), "%s/state", backend);
	err = uk_xs_watch(&watch, path, on_change);
	while (!err) {
		err = uk_wait_event_until(&changed, is_changed, deadline_ns);
		is_changed = false;
		if (!err)
			err = uk_xs_read_dec(UK_XS_NO_TX, backend, "state", XenbusStateClosed,
					     &state);
		if (!err && state == XenbusStateConnected)
			break;
		if (!err && state >= XenbusStateClosing)
			err = -ECONNRESET;
	}
	uk_xs_unwatch(&watch);
	return err;
}

static void add_device(unsigned int i)
{
	unsigned int segment, bus, slot, fn;
	char node[16], name[24];
	const char *at = name;

	uk_snprintf(node, sizeof(node), "vdev-%u", i);
	if (uk_xs_read(UK_XS_NO_TX, backend, node, name, sizeof(name)) < 0)
		return;
	if (!pcifront_parse_hex(&at, 0xffff, ':', &segment) || !pcifront_parse_hex(&at, 0xff, ':', &bus) ||
	    !pcifront_parse_hex(&at, 0x1f, '.', &slot) || !pcifront_parse_hex(&at, 7, '\0', &fn)) {
		uk_pr_warn("pcifront: %s/%s: \"%s\" is no device\n", backend, node, name);
		return;
	}
	if (!uk_pci_add(&pcifront_host, (uint16_t)segment, (uint8_t)bus,
			(uint8_t)(slot << 3 | fn)))
		uk_pr_warn("pcifront: %s does not answer\n", name);
}

static int agree(struct offer *offer)
{
	uint64_t state;
	int err = uk_xs_read_dec(UK_XS_NO_TX, backend, "state", XenbusStateClosed, &state);

	if (err || state == XenbusStateConnected)
		return err;
	err = uk_xs_transact(write_offer, offer);
	return err ? err : wait_connected();
}

static int connect(void)
{
	struct offer offer;
	uint64_t id, n;
	int err = uk_xs_read_dec(UK_XS_NO_TX, FRONT, "backend-id", UINT16_MAX, &id);

	if (!err)
		err = pcifront_op_open((domid_t)id, &offer.ref, &offer.port);
	if (!err)
		err = agree(&offer);
	if (!err)
		err = uk_xs_printf(UK_XS_NO_TX, FRONT, "state", "%d", XenbusStateConnected);
	if (!err)
		err = uk_xs_read_dec(UK_XS_NO_TX, backend, "num_devs", MAX_DEVICES, &n);
	for (unsigned int i = 0; !err && i < n; i++)
		add_device(i);
	return err;
}

static void attach(void *arg uk_unused)
{
	int err;

	if (uk_xs_read(UK_XS_NO_TX, FRONT, "backend", backend, sizeof(backend)) < 0)
		return;
	err = connect();
	if (err)
		uk_pr_err("pcifront: no agreement with %s (%d)\n", backend, err);
}

static int pcifront_init(void)
{
	return uk_thread_create("pcifront", attach, NULL, STACK_BYTES) ? 0 : -ENOMEM;
}

UK_INIT_DEV(pcifront_init);
