/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arm ARM (ARMv7-A), A3.8: accesses to ordinary memory may be reordered freely. The
 * peer is another CPU of the machine: the inner shareable domain.
 *
 * Rules: those of <uk/arch/barrier.h>, by which it is included.
 */
#ifndef UK_ARCH_BARRIER_DEF_H
#define UK_ARCH_BARRIER_DEF_H

#define uk_arch_mb() __asm__ __volatile__("dmb ish" ::: "memory")
#define uk_arch_rmb() __asm__ __volatile__("dmb ish" ::: "memory")
#define uk_arch_wmb() __asm__ __volatile__("dmb ishst" ::: "memory")

/* In a loop that waits for another CPU */
#define uk_arch_relax() __asm__ __volatile__("yield" ::: "memory")

#endif /* UK_ARCH_BARRIER_DEF_H */
