/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory barriers against another CPU that shares memory with us: another
 * domain on a Xen ring, a device on a virtqueue.
 *
 * Rules
 * - Atomic read-modify-write operations come from the compiler's __atomic
 *   builtins; this header has only what those do not say.
 * - An image has one CPU, but its peers run on others: the barriers are
 *   always real ("smp" barriers in Linux's words).
 */
#ifndef UK_ARCH_BARRIER_H
#define UK_ARCH_BARRIER_H

/* uk_arch_mb(), uk_arch_rmb(), uk_arch_wmb(), uk_arch_relax() */
#include <uk/arch/barrier_def.h>

/** The compiler neither moves nor caches memory accesses across this. */
#define uk_barrier() __asm__ __volatile__("" ::: "memory")

/** Read @x exactly once: for memory that somebody else may write. */
#define UK_READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))

/** Write @x exactly once. */
#define UK_WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#endif /* UK_ARCH_BARRIER_H */
