/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/plat/shutdown.h>

#include <stdint.h>

#include <uk/plat/console.h>

#include "kvm.h"
#include "x86.h"

/* QEMU: -device isa-debug-exit (its default port); ends with 2 * status + 1 */
#define DEBUG_EXIT 0x501

/* Keyboard controller: pulse the reset line */
#define KBC_COMMAND 0x64
#define KBC_RESET 0xfe

static void triple_fault(void)
{
	static const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) no_idt = { 0, 0 };

	__asm__ __volatile__("lidt %0; int3" ::"m"(no_idt));
}

static void reset(void)
{
	acpi_reset();
	x86_out8(KBC_COMMAND, KBC_RESET);
	triple_fault();
}

/* A machine that cannot power off is reset: with QEMU's -no-reboot that ends
 * it as well. */
void uk_plat_shutdown(enum uk_shutdown why, int status)
{
	uk_plat_console_flush();
	if (why != UK_SHUTDOWN_REBOOT) {
		if (status)
			x86_out8(DEBUG_EXIT, (uint8_t)status);
		acpi_poweroff();
		chipset_poweroff();
	}
	reset();
	for (;;)
		__asm__ __volatile__("cli; hlt");
}
