/* SPDX-License-Identifier: BSD-3-Clause */
#include "frontend.h"

#include <string.h>

#include <uk/pages.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

#define PATIENCE_NS (5 * UK_NSEC_PER_SEC)
#define POLL_NS (200 * UK_NSEC_PER_USEC)

static void write_node(const char *dir, const char *node, const char *fmt, ...)
	uk_printf_like(3, 4);

static void write_node(const char *dir, const char *node, const char *fmt, ...)
{
	char path[128], value[192];
	va_list ap;

	va_start(ap, fmt);
	uk_vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	uk_snprintf(path, sizeof(path), "%s/%s", dir, node);
	uk_xensim_xs_write(path, value);
}

void fe_set_state(struct frontend *fe, const char *state)
{
	write_node(fe->fe, "state", "%s", state);
}

/* As libxl: all in one transaction, so the state comes with everything there */
static void write_toolstack_nodes(struct frontend *fe, const char *target, const char *mode)
{
	write_node(fe->fe, "backend-id", "%d", UK_XENSIM_SELF);
	write_node(fe->fe, "backend", "/local/domain/%d/%s", UK_XENSIM_SELF, fe->be);
	fe_set_state(fe, "1");
	write_node(fe->be, "frontend", "%s", fe->fe);
	write_node(fe->be, "params", "%s", target);
	write_node(fe->be, "mode", "%s", mode);
	write_node(fe->be, "online", "1");
	write_node(fe->be, "state", "1");
	write_node(fe->be, "frontend-id", "%u", fe->dom);
}

void fe_attach(struct frontend *fe, domid_t dom, unsigned int id, const char *target,
	       const char *mode)
{
	*fe = (struct frontend) {
		.dom = dom, .id = id, .is_32bit = fe->is_32bit,
		.is_persistent = fe->is_persistent,
	};
	uk_snprintf(fe->be, sizeof(fe->be), "backend/vbd/%u/%u", dom, id);
	uk_snprintf(fe->fe, sizeof(fe->fe), "/local/domain/%u/device/vbd/%u", dom, id);
	fe->ring = uk_pages_alloc(0);
	fe->data = uk_pages_alloc_n(FE_PAGES);
	if (!fe->ring || !fe->data) {
		uk_test_error("no memory for a frontend");
		return;
	}
	for (unsigned int i = 0; i < FE_PAGES; i++)
		fe->refs[i] = uk_xensim_grant(dom, fe->data + i * UK_PAGE_SIZE, false);
	write_toolstack_nodes(fe, target, mode);
}

void fe_initialise(struct frontend *fe)
{
	memset(fe->ring, 0, UK_PAGE_SIZE);
	fe->ring->req_event = 1;
	fe->ring->rsp_event = 1;
	fe->req_prod = fe->rsp_cons = 0;
	if (fe->ring_ref)
		UK_EXPECT(uk_xensim_grant_end(fe->ring_ref));
	if (fe->port)
		uk_xensim_port_close(fe->port);
	fe->ring_ref = uk_xensim_grant(fe->dom, fe->ring, false);
	fe->port = uk_xensim_port_offer(fe->dom);
	write_node(fe->fe, "ring-ref", "%u", fe->ring_ref);
	write_node(fe->fe, "event-channel", "%u", fe->port);
	write_node(fe->fe, "protocol", "%s", fe->is_32bit ? "x86_32-abi" : "x86_64-abi");
	write_node(fe->fe, "feature-persistent", "%d", fe->is_persistent);
	fe_set_state(fe, "3");
}

bool fe_connect(struct frontend *fe, domid_t dom, unsigned int id, const char *target)
{
	fe_attach(fe, dom, id, target, "w");
	if (!UK_EXPECT(fe_wait(fe, "state", "2")))
		return false;
	fe_initialise(fe);
	if (!UK_EXPECT(fe_wait(fe, "state", "4")))
		return false;
	fe_set_state(fe, "4");
	return true;
}

void fe_detach(struct frontend *fe)
{
	write_node(fe->be, "online", "0");
	write_node(fe->be, "state", "5");
	fe_set_state(fe, "6");
	UK_EXPECT(fe_wait(fe, "state", NULL));
}

void fe_free(struct frontend *fe)
{
	uk_xensim_xs_rm(fe->fe);
	if (fe->ring_ref)
		UK_EXPECT(uk_xensim_grant_end(fe->ring_ref));
	for (unsigned int i = 0; i < FE_PAGES; i++)
		UK_EXPECT(uk_xensim_grant_end(fe->refs[i]));
	if (fe->port)
		uk_xensim_port_close(fe->port);
	uk_pages_free(fe->ring, 0);
	uk_pages_free_n(fe->data, FE_PAGES);
}

bool fe_wait(const struct frontend *fe, const char *node, const char *value)
{
	uint64_t end = uk_plat_mono_ns() + PATIENCE_NS;
	char path[128], got[64];
	int n;

	uk_snprintf(path, sizeof(path), "%s/%s", fe->be, node);
	do {
		n = uk_xensim_xs_read(path, got, sizeof(got));
		if (value ? n >= 0 && !strcmp(got, value) : n < 0)
			return true;
		uk_thread_sleep_ns(POLL_NS);
	} while (uk_plat_mono_ns() < end);
	uk_console_printf("# %s is %s, not %s\n", path, n < 0 ? "absent" : got,
			  value ? value : "absent");
	return false;
}

static void *slot(struct frontend *fe, uint32_t i)
{
	size_t bytes = fe->is_32bit ? sizeof(struct blkback_wire_req32)
				    : sizeof(struct blkback_wire_req64);

	return (char *)fe->ring->entries + (i % FE_RING_SIZE) * bytes;
}

struct blkback_wire_req64 *fe_put(struct frontend *fe, uint8_t op, uint64_t sector,
				  unsigned int n_segs, uint64_t id)
{
	struct blkback_wire_req64 req = {
		.operation = op, .nr_segments = (uint8_t)n_segs, .id = id,
		.sector_number = sector,
	};
	struct blkback_wire_req64 *req64 = slot(fe, fe->req_prod);
	struct blkback_wire_req32 *req32 = slot(fe, fe->req_prod);

	fe->req_prod++;
	for (unsigned int i = 0; i < n_segs && i < BLKIF_MAX_SEGMENTS_PER_REQUEST; i++) {
		req.seg[i].gref = fe->refs[i];
		req.seg[i].last_sect = 7;
	}
	if (!fe->is_32bit) {
		*req64 = req;
		return req64;
	}
	req32->operation = op;
	req32->nr_segments = (uint8_t)n_segs;
	req32->id = id;
	req32->sector_number = sector;
	memcpy(req32->seg, req.seg, sizeof(req.seg));
	return NULL;
}

void fe_push(struct frontend *fe)
{
	fe->ring->req_prod = fe->req_prod;
	uk_xensim_port_kick(fe->port);
}

int fe_answer(struct frontend *fe, uint64_t *id)
{
	uint64_t end = uk_plat_mono_ns() + PATIENCE_NS;
	struct blkback_wire_rsp *rsp;

	while (fe->ring->rsp_prod == fe->rsp_cons) {
		if (uk_plat_mono_ns() >= end)
			return FE_NO_ANSWER;
		uk_thread_sleep_ns(POLL_NS);
	}
	rsp = slot(fe, fe->rsp_cons++);
	fe->ring->rsp_event = fe->rsp_cons + 1;
	if (id)
		*id = rsp->id;
	return rsp->status;
}

int fe_do(struct frontend *fe, uint8_t op, uint64_t sector, unsigned int n_segs)
{
	uint64_t id = 0xabcd0000 + fe->req_prod, got = 0;
	int status;

	fe_put(fe, op, sector, n_segs, id);
	fe_push(fe);
	status = fe_answer(fe, &got);
	UK_EXPECT(status == FE_NO_ANSWER || got == id);
	return status;
}
