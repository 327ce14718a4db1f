/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From the entry to uk_boot(): find Xen, and the pages that it and the daemons
 * share with us. Specification: xen/arch-x86/cpuid.h, xen/hvm/params.h,
 * docs/misc/pvh.pandoc.
 */
#include <uk/plat/boot.h>

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <xen/arch-x86/cpuid.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>

#include <uk/arch/page.h>
#include <uk/plat/shutdown.h>
#include <uk/restart.h>
#include <uk/util.h>

#include "hvm_priv.h"
#include "hypercall.h"
#include "native.h"
#include "restart.h"
#include "x86.h"
#include "xen_priv.h"

/* Xen's leaves may lie above those of another interface it offers */
#define CPUID_LAST 0x40010000
#define CPUID_STEP 0x100

/* HVM_PARAM_CALLBACK_IRQ: "vector" in the top byte */
#define CALLBACK_VIA_VECTOR ((uint64_t)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56)

#define IRQ_UPCALL 1

/* QEMU's ports and keys for firmware */
#define FW_CFG_SELECT 0x510
#define FW_CFG_DATA 0x511
#define FW_CFG_SIGNATURE 0x00
#define FW_CFG_CMDLINE_SIZE 0x14
#define FW_CFG_CMDLINE 0x15

extern char xen_hypercall_page[];

/* Xen puts its page in the place of this one */
static struct shared_info shared_info uk_aligned(UK_PAGE_SIZE) uk_kept_pages("shared");

struct shared_info *xen_shared_info = &shared_info;
struct xen_link xen_console;
struct xen_link xen_store;

const char *uk_plat_name(void)
{
	return "xenhvm";
}

static bool hypercalls_init(void)
{
	struct x86_cpuid r;
	uint32_t leaf;

	for (leaf = XEN_CPUID_FIRST_LEAF; leaf < CPUID_LAST; leaf += CPUID_STEP) {
		r = x86_cpuid(leaf);
		if (r.ebx != XEN_CPUID_SIGNATURE_EBX || r.ecx != XEN_CPUID_SIGNATURE_ECX ||
		    r.edx != XEN_CPUID_SIGNATURE_EDX)
			continue;
		r = x86_cpuid(leaf + 2);
		x86_wrmsr(r.ebx, (uintptr_t)xen_hypercall_page);
		return true;
	}
	return false;
}

static uint64_t get_param(uint32_t index)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF, .index = index };

	if (xen_hypercall2(__HYPERVISOR_hvm_op, HVMOP_get_param, (uintptr_t)&p))
		return 0;
	return p.value;
}

static int set_param(uint32_t index, uint64_t value)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF, .index = index, .value = value };

	return (int)xen_hypercall2(__HYPERVISOR_hvm_op, HVMOP_set_param, (uintptr_t)&p);
}

static void link_init(struct xen_link *link, uint32_t pfn_index, uint32_t port_index)
{
	uint64_t pfn = get_param(pfn_index);

	if (!pfn)
		return;
	link->page = native_map_boot(pfn << UK_PAGE_SHIFT, UK_PAGE_SIZE);
	link->port = (evtchn_port_t)get_param(port_index);
}

static void fw_cfg_read(uint16_t key, char *buf, size_t size)
{
	x86_out16(FW_CFG_SELECT, key);
	/* In one go: each access wakes a process in another domain */
	__asm__ __volatile__("rep insb" : "+D"(buf), "+c"(size) : "d"(FW_CFG_DATA) : "memory");
}

/*
 * xl gives type="hvm" a command line only with kernel=, and then to the device
 * model: QEMU has it for a firmware that asks. Specification: QEMU's
 * docs/specs/fw_cfg.txt.
 */
static void ask_device_model(void)
{
	static char cmdline[1024] uk_kept;
	char signature[4];
	uint32_t len_bytes = 0;

	fw_cfg_read(FW_CFG_SIGNATURE, signature, sizeof(signature));
	if (memcmp(signature, "QEMU", sizeof(signature)))
		return;
	fw_cfg_read(FW_CFG_CMDLINE_SIZE, (char *)&len_bytes, sizeof(len_bytes));
	len_bytes = UK_MIN(len_bytes, sizeof(cmdline) - 1);
	fw_cfg_read(FW_CFG_CMDLINE, cmdline, len_bytes);
	native_boot.cmdline = cmdline;
}

int hvm_add_to_physmap(unsigned int space, xen_ulong_t frame, uintptr_t va)
{
	struct xen_add_to_physmap op = {
		.domid = DOMID_SELF,
		.space = space,
		.idx = frame,
		.gpfn = va >> UK_PAGE_SHIFT,
	};

	return (int)xen_memory_op(XENMEM_add_to_physmap, &op);
}

static void links_init(void)
{
	link_init(&xen_console, HVM_PARAM_CONSOLE_PFN, HVM_PARAM_CONSOLE_EVTCHN);
	link_init(&xen_store, HVM_PARAM_STORE_PFN, HVM_PARAM_STORE_EVTCHN);
	xen_console_init();
}

/* The first start: share pages with Xen, read what the loader left. */
static void start_anew(const void *info)
{
	/* Before Xen's shared page takes the place of one */
	uint64_t ram_pages = hvm_ram_pages();

	if (hvm_add_to_physmap(XENMAPSPACE_shared_info, 0, (uintptr_t)xen_shared_info) ||
	    set_param(HVM_PARAM_CALLBACK_IRQ, CALLBACK_VIA_VECTOR | (VEC_IRQ + IRQ_UPCALL)) ||
	    !native_boot_pvh(info))
		uk_plat_shutdown(UK_SHUTDOWN_CRASH, 1);
	links_init();
	hvm_ram_init(ram_pages);
	if (!*native_boot.cmdline)
		ask_device_model();
	hvm_boot_keep();
	native_mem_init();
}

static void start_again(void)
{
	links_init();
	hvm_boot_again();
	xen_restart_clean();
	native_mem_init();
	xen_gnttab_restart();
}

void native_start(const void *info)
{
	bool is_again = xen_restart_begin();

	native_traps_init();
	native_irq_set_no_eoi(IRQ_UPCALL);
	if (!hypercalls_init())
		for (;;)
			__asm__ __volatile__("cli; hlt");
	if (is_again)
		start_again();
	else
		start_anew(info);
	xen_restart_protect();
	xen_time_set_entry(native_entry_tsc);
	uk_boot(native_boot.cmdline);
}
