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

static void in(void *buf, uint32_t len, uint32_t from)
{
	uint32_t at = MASK_XENSTORE_IDX(from), first = XENSTORE_RING_SIZE - at;

	if (first > len)
		first = len;
	memcpy(buf, ring->req + at, first);
	memcpy((char *)buf + first, ring->req, len - first);
}

static uint32_t out(const void *buf, uint32_t len, uint32_t to)
{
	uint32_t at = MASK_XENSTORE_IDX(to), first = XENSTORE_RING_SIZE - at;

	if (first > len)
		first = len;
	memcpy(ring->rsp + at, buf, first);
	memcpy(ring->rsp, (const char *)buf + first, len - first);
	return to + len;
}

/* Takes what there is: the other end kicks when it finds the ring empty. @return
 * whether the request is whole; its head is at @msg. */
static int take(char *msg)
{
	static uint32_t have;
	uint32_t want, n;

	for (;;) {
		want = sizeof(struct xsd_sockmsg);
		if (have >= want)
			want += ((struct xsd_sockmsg *)msg)->len;
		if (have > 0 && have == want)
			break;
		n = ring->req_prod - ring->req_cons;
		xen_rmb();
		if (n > want - have)
			n = want - have;
		if (!n)
			return 0;
		in(msg + have, n, ring->req_cons);
		have += n;
		xen_mb();
		ring->req_cons += n;
	}
	have = 0;
	return 1;
}

static int answer(void)
{
	static struct {
		struct xsd_sockmsg head;
		char body[XENSTORE_PAYLOAD_MAX];
	} msg;
	const char *text = "OK";
	uint32_t prod;

	if (!take((char *)&msg))
		return 0;
	if (msg.head.type == XS_READ)
		text = "value";
	else if (msg.head.type == XS_TRANSACTION_START)
		text = "1";
	msg.head.len = strlen(text) + (msg.head.type != XS_READ);
	prod = out(&msg.head, sizeof(msg.head), ring->rsp_prod);
	prod = out(text, msg.head.len, prod);
	xen_wmb();
	ring->rsp_prod = prod;
	return 1;
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
		while (answer())
			xenevtchn_notify(xce, port);
	}
}
