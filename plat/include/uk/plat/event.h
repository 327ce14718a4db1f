/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How an image waits and how it hears of the outside.
 *
 * Rules
 * - There is no interrupt context. While threads run, events only collect
 *   (Xen: pending bits; native: an interrupt handler sets a bit; linuxu: file
 *   descriptors become ready). They are handed to their handlers inside
 *   uk_plat_wait() and uk_plat_poll(), which the scheduler calls.
 * - A handler therefore needs no locks and never preempts a thread; it must
 *   not block (no wait queue, no mutex, no sleep). It normally wakes a thread.
 * - A thread that computes for long calls uk_thread_yield() now and then.
 */
#ifndef UK_PLAT_EVENT_H
#define UK_PLAT_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#define UK_FOREVER UINT64_MAX

/**
 * Sleep until an event is pending or uk_plat_mono_ns() reaches @deadline_ns
 * (UK_FOREVER: no limit), then call the handlers of all pending events.
 * Returns at once, without sleeping, when an event is pending already or the
 * deadline has passed. May return early for no reason.
 * @return false: the deadline has not passed, surely. It saves a look at the
 *	clock, which may be a trap.
 */
bool uk_plat_wait(uint64_t deadline_ns);

/**
 * Call the handlers of all pending events; do not sleep.
 * @return whether there were any.
 */
bool uk_plat_poll(void);

#endif /* UK_PLAT_EVENT_H */
