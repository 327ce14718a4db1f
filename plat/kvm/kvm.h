/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside of plat/kvm. */
#ifndef KVM_KVM_H
#define KVM_KVM_H

#include <stdbool.h>
#include <stdint.h>

#include "lapic.h"

/* Beside IRQ_TIMER (native.h) */
#define IRQ_SERIAL 1

void console_init(void);
void time_init(void);

/* ---- KVM's clocks (pvclock.c) ---- */
bool pvclock_init(void);
uint64_t pvclock_ns(uint64_t tsc);
/** Wall clock, in ns, when the monotonic clock was 0. */
uint64_t pvclock_wall_base_ns(void);

/** @delta * @mul / 2^32 * 2^@shift, as KVM and Xen scale the time stamp
 *  counter. */
static inline uint64_t tsc_scale(uint64_t delta, uint64_t mul, int shift)
{
	return (uint64_t)((unsigned __int128)delta * mul >> (32 - shift));
}

/** ns since 1970 by the battery-backed clock; 0: there is none. */
uint64_t rtc_read_ns(void);

/* ---- The end: each returns when it did not work ---- */

/* By ACPI (acpi.c) */
bool acpi_is_there(void);
void acpi_poweroff(void);
void acpi_reset(void);

/** Where configuration space is in memory, from bus 0 up to @last_bus (acpi.c).
 *  @return 0: it is not. */
uint64_t acpi_ecam(unsigned int *last_bus);

/** By QEMU's chipsets, which need no tables (chipset.c) */
void chipset_poweroff(void);

#endif /* KVM_KVM_H */
