/* SPDX-License-Identifier: BSD-3-Clause */
/* A device's nodes, as libxl and the frontend write them. */
#include <uk/xen/frontsim.h>

#include <stdarg.h>
#include <string.h>

#include <uk/print.h>
#include <uk/thread.h>

#define POLL_NS (200 * UK_NSEC_PER_USEC)

void uk_frontsim_init(struct uk_frontsim *f, const char *kind, domid_t dom, unsigned int id)
{
	f->dom = dom;
	f->id = id;
	uk_snprintf(f->be, sizeof(f->be), "backend/%s/%u/%u", kind, dom, id);
	uk_snprintf(f->fe, sizeof(f->fe), "/local/domain/%u/device/%s/%u", dom, kind, id);
}

/* ---- Writing ---- */

void uk_frontsim_write_fe(const struct uk_frontsim *f, const char *node, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	uk_frontsim_vwrite(f->fe, node, fmt, ap);
	va_end(ap);
}

void uk_frontsim_write_be(const struct uk_frontsim *f, const char *node, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	uk_frontsim_vwrite(f->be, node, fmt, ap);
	va_end(ap);
}

void uk_frontsim_set_state(const struct uk_frontsim *f, const char *state)
{
	uk_frontsim_write_fe(f, "state", "%s", state);
}

void uk_frontsim_attach_begin(const struct uk_frontsim *f)
{
	uk_frontsim_write_fe(f, "backend-id", "%d", UK_XENSIM_SELF);
	uk_frontsim_write_fe(f, "backend", "/local/domain/%d/%s", UK_XENSIM_SELF, f->be);
	uk_frontsim_set_state(f, "1");
	uk_frontsim_write_be(f, "frontend", "%s", f->fe);
}

void uk_frontsim_attach_end(const struct uk_frontsim *f)
{
	uk_frontsim_write_be(f, "online", "1");
	uk_frontsim_write_be(f, "state", "1");
	uk_frontsim_write_be(f, "frontend-id", "%u", f->dom);
}

void uk_frontsim_detach_begin(const struct uk_frontsim *f)
{
	uk_frontsim_write_be(f, "online", "0");
	uk_frontsim_write_be(f, "state", "5");
}

bool uk_frontsim_detach(const struct uk_frontsim *f)
{
	uk_frontsim_detach_begin(f);
	uk_frontsim_set_state(f, "6");
	return uk_frontsim_wait(f, "state", NULL);
}

void uk_frontsim_leave(const struct uk_frontsim *f)
{
	uk_xensim_xs_rm(f->be);
}

void uk_frontsim_inherit(const struct uk_frontsim *f)
{
	uk_frontsim_write_be(f, "frontend", "%s", f->fe);
	uk_frontsim_write_be(f, "online", "1");
	uk_frontsim_write_be(f, "state", "4");
	uk_frontsim_write_be(f, "frontend-id", "%u", f->dom);
}

/* ---- Reading ---- */

bool uk_frontsim_wait(const struct uk_frontsim *f, const char *node, const char *value)
{
	return uk_frontsim_wait_in(f->be, node, value);
}

int uk_frontsim_be_state(const struct uk_frontsim *f)
{
	char path[128], got[8];

	uk_snprintf(path, sizeof(path), "%s/state", f->be);
	return uk_xensim_xs_read(path, got, sizeof(got)) == 1 ? got[0] - '0' : -1;
}

bool uk_frontsim_has_error(const struct uk_frontsim *f, const char *part)
{
	uint64_t end = uk_plat_mono_ns() + UK_FRONTSIM_PATIENCE_NS;
	char path[96], text[192] = "none";

	uk_snprintf(path, sizeof(path), "error/%s/error", f->be);
	do {
		if (uk_xensim_xs_read(path, text, sizeof(text)) >= 0 && strstr(text, part))
			return true;
		uk_thread_sleep_ns(POLL_NS);
	} while (uk_plat_mono_ns() < end);
	uk_console_printf("# error: %s\n", text);
	return false;
}
