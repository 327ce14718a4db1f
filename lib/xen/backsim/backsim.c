/* SPDX-License-Identifier: BSD-3-Clause */
/* A device of the image's, as libxl and its back end see it. */
#include <uk/xen/backsim.h>

#include <stdarg.h>

#include <uk/param.h>
#include <uk/print.h>
#include <uk/thread.h>

/* ---- Nodes ---- */

void uk_backsim_write_be(const struct uk_backsim *b, const char *node, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	uk_frontsim_vwrite(b->be, node, fmt, ap);
	va_end(ap);
}

void uk_backsim_write_fe(const struct uk_backsim *b, const char *node, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	uk_frontsim_vwrite(b->fe, node, fmt, ap);
	va_end(ap);
}

void uk_backsim_set_state(const struct uk_backsim *b, const char *state)
{
	uk_backsim_write_be(b, "state", "%s", state);
}

bool uk_backsim_wait(const struct uk_backsim *b, const char *node, const char *value)
{
	return uk_frontsim_wait_in(b->fe, node, value);
}

uint32_t uk_backsim_number(const struct uk_backsim *b, const char *node)
{
	char path[128], text[16];
	uint64_t val;

	uk_snprintf(path, sizeof(path), "%s/%s", b->fe, node);
	if (uk_xensim_xs_read(path, text, sizeof(text)) < 0 || uk_parse_u64(text, &val))
		return 0;
	return (uint32_t)val;
}

void uk_backsim_attach_begin(struct uk_backsim *b, const char *kind, unsigned int id)
{
	uk_snprintf(b->be, sizeof(b->be), "/local/domain/%d/backend/%s/%d/%u", UK_BACKSIM_DOM,
		    kind, UK_XENSIM_SELF, id);
	uk_snprintf(b->fe, sizeof(b->fe), "/local/domain/%d/device/%s/%u", UK_XENSIM_SELF, kind,
		    id);
	uk_backsim_write_be(b, "frontend", "%s", b->fe);
	uk_backsim_write_be(b, "online", "1");
	uk_backsim_set_state(b, "1");
}

void uk_backsim_attach_end(const struct uk_backsim *b)
{
	uk_backsim_write_fe(b, "backend-id", "%d", UK_BACKSIM_DOM);
	uk_backsim_write_fe(b, "state", "1");
	uk_backsim_write_fe(b, "backend", "%s", b->be);
}

bool uk_backsim_detach_begin(const struct uk_backsim *b)
{
	uk_backsim_write_be(b, "online", "0");
	uk_backsim_set_state(b, "5");
	return uk_backsim_wait(b, "state", "6");
}

void uk_backsim_detach_end(const struct uk_backsim *b)
{
	uk_backsim_set_state(b, "6");
	uk_xensim_xs_rm(b->fe);
	uk_xensim_xs_rm(b->be);
}

/* ---- Grants and ports ---- */

void *uk_backsim_map(grant_ref_t ref)
{
	void *page = uk_xensim_granted(UK_BACKSIM_DOM, ref, true);

	if (page)
		uk_xensim_granted_hold(ref, true);
	return page;
}

void uk_backsim_unmap(grant_ref_t *ref)
{
	if (*ref)
		uk_xensim_granted_hold(*ref, false);
	*ref = 0;
}

evtchn_port_t uk_backsim_bind(const struct uk_backsim *b, const char *node)
{
	return uk_xensim_port_bind(UK_BACKSIM_DOM, uk_backsim_number(b, node));
}

bool uk_backsim_is_nothing_granted(void)
{
	uint64_t end = uk_plat_mono_ns() + UK_FRONTSIM_PATIENCE_NS;

	while (uk_xensim_granted_n()) {
		if (uk_plat_mono_ns() >= end) {
			uk_console_printf("# %u grants are left\n", uk_xensim_granted_n());
			return false;
		}
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	}
	return true;
}
