/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One-shot timers.
 *
 * Rules
 * - The callback runs in event context, once, not before the deadline; it may
 *   start the timer again, and free it. The struct belongs to the caller and
 *   must stay while the timer is armed.
 * - Starting takes constant time, stopping and expiry O(log n) amortised.
 *   Timers with the same deadline expire in no particular order.
 */
#ifndef UK_TIMER_H
#define UK_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uk_timer {
	/* A pairing heap: first child, next sibling, and the link that leads
	 * here (NULL: the timer is not armed) */
	struct uk_timer *child, *sibling, **link;
	uint64_t deadline_ns;
	void (*fn)(struct uk_timer *t);
};

void uk_timer_init(struct uk_timer *t, void (*fn)(struct uk_timer *t));
/** (Re)arm for absolute time @deadline_ns (uk_plat_mono_ns()). */
void uk_timer_start(struct uk_timer *t, uint64_t deadline_ns);
/** @return whether it was armed. */
bool uk_timer_stop(struct uk_timer *t);

static inline bool uk_timer_is_armed(const struct uk_timer *t)
{
	return t->link != NULL;
}

#endif /* UK_TIMER_H */
