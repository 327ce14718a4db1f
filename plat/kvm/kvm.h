/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside of plat/kvm. */
#ifndef KVM_KVM_H
#define KVM_KVM_H

#include <stdbool.h>
#include <stdint.h>

/* Interrupts, counted from VEC_IRQ */
#define IRQ_TIMER 0
#define IRQ_SERIAL 1
#define IRQ_MSI 2
#define N_MSI 12
#define IRQ_SPURIOUS 15

void console_init(void);
void time_init(void);

/* ---- Local APIC and I/O APIC (lapic.c) ---- */

/** Have IRQ_TIMER after @ns at most, sooner when that is beyond the timer's
 *  range. @return false: there is no timer. */
bool lapic_arm(uint64_t ns);

/** ns until the timer fires, 0 when it has. */
uint32_t lapic_left_ns(void);

/** Have the ISA interrupt @isa as @irq. */
void ioapic_enable(unsigned int isa, unsigned int irq);

/** What a device writes, and where, to raise @irq. @return false: there is no
 *  interrupt controller. */
bool lapic_message(unsigned int irq, uint64_t *addr, uint32_t *data);

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
void acpi_poweroff(void);
void acpi_reset(void);

/** By QEMU's chipsets, which need no tables (chipset.c) */
void chipset_poweroff(void);

#endif /* KVM_KVM_H */
