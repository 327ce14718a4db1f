/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one domctl that is not the control domain's alone. The interface carries
 * a version that changes with releases of Xen and has to match. The beginning
 * of the answer is the same in all of them, so the version is found by asking.
 */
#include <uk/xen/domain.h>

#include <errno.h>

#include <uk/util.h>

#include "hypercall.h"

/* Xen 4.9 to 4.20 and some to come; 4.17 is tried first */
#define VERSION_FIRST 0x0d
#define VERSION_LAST 0x20
#define VERSION_4_17 0x15

#define OP_GETDOMAININFO 5

#define FLAG_DYING UINT32_C(1)
#define FLAG_HVM (UINT32_C(1) << 1)
#define FLAG_SHUTDOWN (UINT32_C(1) << 2)
#define FLAG_PAUSED (UINT32_C(1) << 3)
#define FLAG_BLOCKED (UINT32_C(1) << 4)
#define FLAG_RUNNING (UINT32_C(1) << 5)
#define FLAG_DEBUGGED (UINT32_C(1) << 6)
#define FLAG_XENSTORE (UINT32_C(1) << 7)
#define FLAG_HAP (UINT32_C(1) << 8)
#define REASON_SHIFT 16

/* As struct xen_domctl, of which the header wants to be included by tools only */
struct domctl {
	uint32_t cmd;
	uint32_t version;
	domid_t domid;
	uint16_t pad[3];
	union {
		struct {
			domid_t domid;
			uint16_t pad;
			uint32_t flags;
			uint64_t n_pages;
		} info;
		/* More than any version has */
		uint8_t room[512];
	};
};

static int ask(struct domctl *op, uint32_t version, domid_t first)
{
	*op = (struct domctl) { .cmd = OP_GETDOMAININFO, .version = version, .domid = first };
	return (int)xen_hypercall1(__HYPERVISOR_domctl, (uintptr_t)op);
}

static int ask_any_version(struct domctl *op, domid_t first)
{
	static uint32_t version = VERSION_4_17;
	int err = ask(op, version, first);

	for (uint32_t v = VERSION_FIRST; err == -EACCES && v <= VERSION_LAST; v++) {
		err = ask(op, v, first);
		if (err != -EACCES)
			version = v;
	}
	return err;
}

int uk_xen_domain_info(domid_t first, struct uk_xen_domain_info *info)
{
	struct domctl op;
	int err = ask_any_version(&op, first);
	uint32_t flags = op.info.flags;

	if (err)
		return err;
	*info = (struct uk_xen_domain_info) {
		.domid = op.info.domid,
		.is_dying = flags & FLAG_DYING,
		.is_shutdown = flags & FLAG_SHUTDOWN,
		.is_paused = flags & FLAG_PAUSED,
		.is_blocked = flags & FLAG_BLOCKED,
		.is_running = flags & FLAG_RUNNING,
		.is_hvm = flags & FLAG_HVM,
		.is_debugged = flags & FLAG_DEBUGGED,
		.is_xenstore = flags & FLAG_XENSTORE,
		.is_hap = flags & FLAG_HAP,
		.shutdown_reason = (uint8_t)(flags >> REASON_SHIFT),
		.n_pages = op.info.n_pages,
	};
	return 0;
}
