/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The start of the scheduler: for lib/base/boot only.
 *
 * Rules
 * - Once, on the boot stack, when memory can be allocated. Threads made before run
 *   from then on.
 */
#ifndef UK_SCHED_H
#define UK_SCHED_H

#include <uk/util.h>

/**
 * Leave the boot stack for good and run @main_fn(@arg) in a thread named
 * "main". When @main_fn returns, that thread ends like any other.
 */
void uk_sched_start(void (*main_fn)(void *), void *arg) uk_noreturn;

#endif /* UK_SCHED_H */
