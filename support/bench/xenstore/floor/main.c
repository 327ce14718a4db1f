/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A xenstored without a store: it answers every request of dom0 at once, reads
 * with "value" and all else with "OK" ("1" for a transaction). What a client
 * measures against it is the cost of the ring, the events and both schedulers.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xenctrl.h>

#include <xen/io/xs_wire.h>

static struct xenstore_domain_interface *ring;

static void in(void *buf, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		((char *)buf)[i] = ring->req[MASK_XENSTORE_IDX(ring->req_cons + i)];
	xen_mb();
	ring->req_cons += len;
}

static void out(const void *buf, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		ring->rsp[MASK_XENSTORE_IDX(ring->rsp_prod + i)] = ((const char *)buf)[i];
	xen_wmb();
	ring->rsp_prod += len;
}

static void answer(void)
{
	static char body[XENSTORE_PAYLOAD_MAX];
	struct xsd_sockmsg head;
	const char *text = "OK";

	in(&head, sizeof(head));
	while (ring->req_prod - ring->req_cons < head.len)
		xen_rmb();
	in(body, head.len);
	if (head.type == XS_READ)
		text = "value";
	else if (head.type == XS_TRANSACTION_START)
		text = "1";
	head.len = strlen(text) + (head.type != XS_READ);
	out(&head, sizeof(head));
	out(text, head.len);
}

int main(int argc, char **argv)
{
	xenevtchn_handle *xce = xenevtchn_open(NULL, 0);
	xengnttab_handle *xgt = xengnttab_open(NULL, 0);
	struct pollfd p = { .fd = xenevtchn_fd(xce), .events = POLLIN };
	int port;

	if (argc < 3)
		return 1;
	ring = xengnttab_map_grant_ref(xgt, 0, 1, PROT_READ | PROT_WRITE);
	port = xenevtchn_bind_interdomain(xce, 0, atoi(argv[2]));
	if (!ring || port < 0)
		return 1;
	xenevtchn_notify(xce, port);
	for (;;) {
		poll(&p, 1, -1);
		xenevtchn_unmask(xce, xenevtchn_pending(xce));
		while (ring->req_prod - ring->req_cons >= sizeof(struct xsd_sockmsg)) {
			answer();
			xenevtchn_notify(xce, port);
		}
	}
}
