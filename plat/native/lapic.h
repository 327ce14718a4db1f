/* SPDX-License-Identifier: BSD-3-Clause */
/* Local APIC and I/O APIC (lapic.c). */
#ifndef NATIVE_LAPIC_H
#define NATIVE_LAPIC_H

#include <stdbool.h>
#include <stdint.h>

#define IRQ_TIMER 0

/** Have IRQ_TIMER after @ns at most, sooner when that is beyond the timer's
 *  range. @return false: there is no timer. */
bool lapic_arm(uint64_t ns);

/** ns until the timer fires, 0 when it has. */
uint32_t lapic_left_ns(void);

/** How many pins the I/O APICs have together; 0: there is none. */
unsigned int ioapic_pins(void);

/** Have what comes to @pin of them as @irq. @return false: there is no such pin. */
bool ioapic_enable(unsigned int pin, unsigned int irq, bool is_level);

/** What a device writes, and where, to raise @irq. @return false: there is no
 *  interrupt controller. */
bool lapic_message(unsigned int irq, uint64_t *addr, uint32_t *data);

#endif /* NATIVE_LAPIC_H */
