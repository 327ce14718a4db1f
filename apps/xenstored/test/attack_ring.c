/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Broken messages and indices. The daemon gives the connection up, and says so
 * in the page, but knows the domain until it is gone (XSA-325).
 */
#include "attack.h"

#include <string.h>

#include <uk/arch/barrier.h>
#include <uk/plat/time.h>

static uint32_t error_in_page(struct wire *w)
{
	uint64_t deadline = uk_plat_mono_ns() + WIRE_PATIENCE_MS * 1000000ULL;

	while (!UK_READ_ONCE(w->page->error) && uk_plat_mono_ns() < deadline)
		w->wait(w, uk_plat_mono_ns() + 10000000);
	return UK_READ_ONCE(w->page->error);
}

void attack_long_message(struct wire *w)
{
	struct xsd_sockmsg hdr = { .type = XS_READ, .req_id = 1, .len = XENSTORE_PAYLOAD_MAX + 1 };

	wire_expect(w, "header", wire_send(w, &hdr, sizeof(hdr)), 0);
	wire_expect(w, "error in the page", (int)error_in_page(w), XENSTORE_ERROR_PROTO);
}

void attack_request_index(struct wire *w)
{
	wire_expect(w, "write", wire_write(w, 0, "data", "x"), 0);
	UK_WRITE_ONCE(w->page->req_prod, w->page->req_cons + XENSTORE_RING_SIZE + 1);
	w->kick(w);
	wire_expect(w, "error in the page", (int)error_in_page(w), XENSTORE_ERROR_RINGIDX);
}

void attack_reply_index(struct wire *w)
{
	wire_expect(w, "write", wire_write(w, 0, "data", "x"), 0);
	/* More consumed than was ever produced */
	UK_WRITE_ONCE(w->page->rsp_cons, w->page->rsp_prod + 1);
	wire_expect(w, "read", wire_put_path(w, XS_READ, 0, "data"), 0);
	wire_expect(w, "error in the page", (int)error_in_page(w), XENSTORE_ERROR_RINGIDX);
}

void attack_half_message(struct wire *w)
{
	struct xsd_sockmsg hdr = { .type = XS_WRITE, .req_id = 1, .len = 2000 };
	uint32_t tx;

	wire_expect(w, "watch", wire_pair(w, XS_WATCH, "data", "token"), 0);
	wire_expect(w, "begin", wire_begin(w, &tx), 0);
	wire_expect(w, "write", wire_write(w, tx, "data/a", "x"), 0);
	wire_expect(w, "header", wire_send(w, &hdr, sizeof(hdr)), 0);
	wire_expect(w, "a part", wire_send(w, "data", 5), 0);
}
