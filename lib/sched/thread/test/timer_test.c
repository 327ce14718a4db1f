/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>
#include <uk/timer.h>

#include <stdlib.h>

#define MS UK_NSEC_PER_MSEC
#define N_TIMERS 300
#define N_STEPS 5000

static unsigned int n_fired;
static uint64_t last_deadline;
static bool is_in_order;

static void reset(void)
{
	n_fired = 0;
	last_deadline = 0;
	is_in_order = true;
}

static void on_expiry(struct uk_timer *t)
{
	n_fired++;
	if (t->deadline_ns < last_deadline || uk_plat_mono_ns() < t->deadline_ns)
		is_in_order = false;
	last_deadline = t->deadline_ns;
	UK_EXPECT(!uk_timer_is_armed(t));
}

UK_TEST(timer, test_random_starts_and_stops_expire_in_order)
{
	static struct uk_timer timers[N_TIMERS];
	unsigned int seed = 99, i, n_armed = 0;
	uint64_t base = uk_plat_mono_ns() + 20 * MS;

	reset();
	for (i = 0; i < N_TIMERS; i++)
		uk_timer_init(&timers[i], on_expiry);
	for (i = 0; i < N_STEPS; i++) {
		struct uk_timer *t = &timers[(unsigned int)rand_r(&seed) % N_TIMERS];
		bool was_armed = uk_timer_is_armed(t);

		if (rand_r(&seed) % 3) {
			uk_timer_start(t, base + (unsigned int)rand_r(&seed) % MS);
			n_armed += !was_armed;
		} else {
			UK_EXPECT_EQ(uk_timer_stop(t), was_armed);
			n_armed -= was_armed;
		}
	}
	while (uk_plat_mono_ns() < base + 2 * MS)
		uk_thread_sleep_ns(MS);
	UK_EXPECT_EQ(n_fired, n_armed);
	UK_EXPECT(n_fired > N_TIMERS / 3);
	UK_EXPECT(is_in_order);
	for (i = 0; i < N_TIMERS; i++)
		UK_EXPECT(!uk_timer_stop(&timers[i]));
}

static void fire_again(struct uk_timer *t)
{
	n_fired++;
	uk_timer_start(t, 1);
}

UK_TEST(timer, test_rearmed_for_the_past_holds_up_nobody)
{
	struct uk_timer t;
	unsigned int i;

	reset();
	uk_timer_init(&t, fire_again);
	uk_timer_start(&t, 0);
	UK_EXPECT_EQ(n_fired, 0);
	for (i = 0; i < 10; i++)
		uk_thread_sleep_ns(1000);
	UK_EXPECT(n_fired >= 5);
	UK_EXPECT(uk_timer_stop(&t));
}

UK_TEST(timer, test_one_that_is_always_due_holds_up_no_other)
{
	uint64_t now = uk_plat_mono_ns();
	struct uk_timer always, t;

	reset();
	uk_timer_init(&always, fire_again);
	uk_timer_init(&t, on_expiry);
	uk_timer_start(&always, 0);
	uk_timer_start(&t, now + MS);
	/* The time may pass in one turn of a busy machine */
	for (unsigned int i = 0; i < 100 || uk_plat_mono_ns() < now + 3 * MS; i++)
		uk_thread_yield();
	UK_EXPECT(n_fired >= 2);
	UK_EXPECT(!uk_timer_stop(&t));
	UK_EXPECT(uk_timer_stop(&always));
}

UK_TEST(timer, test_expires_while_threads_are_busy)
{
	uint64_t now = uk_plat_mono_ns();
	struct uk_timer t;

	reset();
	uk_timer_init(&t, on_expiry);
	uk_timer_start(&t, now + MS);
	while (uk_plat_mono_ns() < now + 2 * MS)
		;
	uk_thread_yield();
	uk_thread_yield();
	UK_EXPECT_EQ(n_fired, 1);
	uk_timer_stop(&t);
}

static struct uk_timer victim;

static void stop_victim(struct uk_timer *t)
{
	(void)t;
	n_fired++;
	UK_EXPECT(uk_timer_stop(&victim));
}

UK_TEST(timer, test_stopped_by_an_earlier_one_does_not_fire)
{
	uint64_t now = uk_plat_mono_ns();
	struct uk_timer t;

	reset();
	uk_timer_init(&t, stop_victim);
	uk_timer_init(&victim, on_expiry);
	uk_timer_start(&victim, now + MS + 1);
	uk_timer_start(&t, now + MS);
	while (uk_plat_mono_ns() < now + 2 * MS)
		;
	uk_thread_sleep_ns(MS);
	UK_EXPECT_EQ(n_fired, 1);
	UK_EXPECT(!uk_timer_stop(&victim));
}

UK_TEST(timer, test_restart_moves_the_deadline)
{
	struct uk_timer t;

	reset();
	uk_timer_init(&t, on_expiry);
	uk_timer_start(&t, UINT64_MAX);
	uk_timer_start(&t, uk_plat_mono_ns() + MS);
	uk_thread_sleep_ns(3 * MS);
	UK_EXPECT_EQ(n_fired, 1);
}
