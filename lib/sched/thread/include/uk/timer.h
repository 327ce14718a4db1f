/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One-shot timers.
 *
 * Rules
 * - The callback runs in event context, once, not before the deadline; it may
 *   start the timer again. The struct belongs to the caller and must stay
 *   while the timer is armed.
 */
#ifndef UK_TIMER_H
#define UK_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include <uk/list.h>

struct uk_timer {
	struct uk_list node;
	uint64_t deadline_ns;
	void (*fn)(struct uk_timer *t);
};

void uk_timer_init(struct uk_timer *t, void (*fn)(struct uk_timer *t));
/** (Re)arm for absolute time @deadline_ns. */
void uk_timer_start(struct uk_timer *t, uint64_t deadline_ns);
/** @return whether it was armed. */
bool uk_timer_stop(struct uk_timer *t);

#endif /* UK_TIMER_H */
