/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>
#include <uk/wait.h>

#include <errno.h>
#include <string.h>

#define MS UK_NSEC_PER_MSEC

/* What the threads of a test did, in order */
static char trace[64];

static void note(char c)
{
	size_t n = strlen(trace);

	if (n + 1 < sizeof(trace)) {
		trace[n] = c;
		trace[n + 1] = '\0';
	}
}

static void start(void)
{
	memset(trace, 0, sizeof(trace));
}

/* Let the others run until they all have ended or block. */
static void settle(void)
{
	unsigned int i;

	for (i = 0; i < 20; i++)
		uk_thread_yield();
}

static struct uk_thread *spawn(void (*fn)(void *), void *arg)
{
	struct uk_thread *t = uk_thread_create("worker", fn, arg, 0);

	UK_EXPECT(t);
	return t;
}

static void yield_thrice(void *arg)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		note(*(const char *)arg);
		uk_thread_yield();
	}
}

UK_TEST(thread, test_yield_goes_round_in_order)
{
	start();
	spawn(yield_thrice, "a");
	spawn(yield_thrice, "b");
	spawn(yield_thrice, "c");
	UK_EXPECT_STR(trace, "");
	settle();
	UK_EXPECT_STR(trace, "abcabcabc");
}

UK_TEST(thread, test_wake_of_a_ready_thread_changes_nothing)
{
	struct uk_thread *t;

	start();
	t = spawn(yield_thrice, "a");
	spawn(yield_thrice, "b");
	uk_thread_wake(t);
	uk_thread_wake(uk_thread_current());
	settle();
	UK_EXPECT_STR(trace, "ababab");
}

static void note_self(void *arg)
{
	struct uk_thread *t = uk_thread_current();
	uintptr_t sp = (uintptr_t)__builtin_frame_address(0);

	*(size_t *)arg += 1;
	UK_EXPECT(t->state == UK_THREAD_RUNNING);
	UK_EXPECT(uk_thread_of_stack(sp) == t);
	UK_EXPECT(!uk_thread_of_guard(sp));
	UK_EXPECT(uk_thread_of_guard((uintptr_t)t->stack - 1) == t);
	UK_EXPECT(uk_thread_of_guard((uintptr_t)t->stack - UK_PAGE_SIZE) == t);
	UK_EXPECT(uk_thread_of_guard((uintptr_t)t->stack) != t);
}

UK_TEST(thread, test_stack_and_guard_are_found_by_address)
{
	size_t n = 0;

	spawn(note_self, &n);
	settle();
	UK_EXPECT_EQ(n, 1);
	UK_EXPECT(!uk_thread_of_stack((uintptr_t)&trace));
	UK_EXPECT(!uk_thread_of_guard(0));
}

static void count(void *arg)
{
	++*(size_t *)arg;
}

UK_TEST(thread, test_thousands_come_and_go)
{
	struct uk_pages_stats before, after;
	size_t n = 0, i;

	spawn(count, &n);
	settle();
	uk_pages_stats(&before);
	for (i = 0; i < 3000; i++) {
		if (!spawn(count, &n))
			return;
		uk_thread_yield();
	}
	settle();
	uk_pages_stats(&after);
	UK_EXPECT_EQ(n, 3001);
	UK_EXPECT_EQ(after.free_pages, before.free_pages);
}

UK_TEST(thread, test_memory_of_many_goes_back)
{
	struct uk_pages_stats before, after;
	size_t n = 0, i;

	uk_pages_stats(&before);
	for (i = 0; i < 10; i++)
		spawn(count, &n);
	uk_pages_stats(&after);
	UK_EXPECT(after.free_pages < before.free_pages);
	settle();
	uk_pages_stats(&after);
	UK_EXPECT_EQ(n, 10);
	/* But for the stacks that are kept */
	UK_EXPECT(before.free_pages - after.free_pages <=
		  CONFIG_LIBTHREAD_STACK_CACHE *
			  (CONFIG_LIBTHREAD_STACK_SIZE / UK_PAGE_SIZE + 2));
}

static void use_stack(void *arg)
{
	char mine[20000];

	memset(mine, 0x5a, sizeof(mine));
	/* So that the array is not optimised away */
	__asm__ volatile("" : : "r"(mine) : "memory");
	count(arg);
}

UK_TEST(thread, test_stack_size_can_be_chosen)
{
	size_t n = 0;

	UK_EXPECT(uk_thread_create("large", use_stack, &n, 65536));
	UK_EXPECT(uk_thread_create("name of many letters", count, &n, 3000));
	UK_EXPECT(!uk_thread_create("endless", count, &n, SIZE_MAX));
	settle();
	UK_EXPECT_EQ(n, 2);
}

static void exit_early(void *arg)
{
	count(arg);
	uk_thread_exit();
}

UK_TEST(thread, test_exit_ends_the_caller_only)
{
	size_t n = 0;

	spawn(exit_early, &n);
	spawn(count, &n);
	settle();
	UK_EXPECT_EQ(n, 2);
}

struct sleeper {
	const char *name;
	uint64_t ns;
};

static void sleep_and_note(void *arg)
{
	const struct sleeper *s = arg;
	uint64_t from = uk_plat_mono_ns();

	uk_thread_sleep_ns(s->ns);
	UK_EXPECT(uk_plat_mono_ns() - from >= s->ns);
	note(*s->name);
}

UK_TEST(thread, test_sleepers_wake_in_order_of_time)
{
	static struct sleeper s[] = { { "c", 6 * MS }, { "a", 1 * MS }, { "b", 3 * MS } };
	unsigned int i;

	start();
	for (i = 0; i < UK_ARRAY_SIZE(s); i++)
		spawn(sleep_and_note, &s[i]);
	uk_thread_sleep_ns(15 * MS);
	UK_EXPECT_STR(trace, "abc");
}

static void block(void *arg)
{
	*(int *)arg = uk_thread_block_until(UK_FOREVER);
}

UK_TEST(thread, test_wake_ends_a_block_once)
{
	int woken = -1;
	struct uk_thread *t = spawn(block, &woken);

	uk_thread_wake(t);		/* not blocked yet: no effect */
	settle();
	UK_EXPECT_EQ(woken, -1);
	UK_EXPECT(t->state == UK_THREAD_BLOCKED);
	uk_thread_wake(t);
	uk_thread_wake(t);
	settle();
	UK_EXPECT_EQ(woken, 1);
}

UK_TEST(thread, test_block_times_out)
{
	uint64_t deadline = uk_plat_mono_ns() + MS;

	UK_EXPECT(!uk_thread_block_until(deadline));
	UK_EXPECT(uk_plat_mono_ns() >= deadline);
	UK_EXPECT(!uk_thread_block_until(0));
	UK_EXPECT(uk_thread_current()->state == UK_THREAD_RUNNING);
}

static struct uk_wait_queue queue = UK_WAIT_QUEUE_INIT(queue);
static bool is_open;

static void wait_and_note(void *arg)
{
	if (uk_wait_once(&queue, UK_FOREVER))
		note(*(const char *)arg);
}

UK_TEST(wait, test_first_come_first_served)
{
	start();
	uk_wait_wake_one(&queue);
	spawn(wait_and_note, "a");
	spawn(wait_and_note, "b");
	spawn(wait_and_note, "c");
	settle();
	uk_wait_wake_one(&queue);
	settle();
	UK_EXPECT_STR(trace, "a");
	uk_wait_wake_all(&queue);
	settle();
	UK_EXPECT_STR(trace, "abc");
	UK_EXPECT(uk_list_is_empty(&queue.waiters));
}

UK_TEST(wait, test_timed_out_waiter_takes_no_wake_up)
{
	start();
	UK_EXPECT(!uk_wait_once(&queue, uk_plat_mono_ns() + MS));
	UK_EXPECT(uk_list_is_empty(&queue.waiters));
	spawn(wait_and_note, "a");
	settle();
	uk_wait_wake_one(&queue);
	settle();
	UK_EXPECT_STR(trace, "a");
}

UK_TEST(wait, test_stray_wake_does_not_end_a_wait)
{
	struct uk_thread *t;

	start();
	t = spawn(wait_and_note, "a");
	spawn(wait_and_note, "b");
	settle();
	uk_thread_wake(t);
	settle();
	UK_EXPECT_STR(trace, "");
	uk_thread_wake(t);
	uk_wait_wake_one(&queue);	/* granted while it is ready already */
	settle();
	UK_EXPECT_STR(trace, "a");
	uk_wait_wake_one(&queue);
	settle();
	UK_EXPECT_STR(trace, "ab");
}

static void open_later(void *arg)
{
	(void)arg;
	uk_thread_sleep_ns(MS);
	uk_wait_wake_all(&queue);	/* not true yet */
	uk_thread_sleep_ns(MS);
	is_open = true;
	uk_wait_wake_all(&queue);
}

UK_TEST(wait, test_event_waits_for_its_condition)
{
	is_open = false;
	spawn(open_later, NULL);
	uk_wait_event(&queue, is_open);
	UK_EXPECT(is_open);
	UK_EXPECT_EQ(uk_wait_event_until(&queue, is_open, 0), 0);
	is_open = false;
	UK_EXPECT_EQ(uk_wait_event_until(&queue, is_open,
					 uk_plat_mono_ns() + MS), -ETIMEDOUT);
}

static struct uk_mutex mutex = UK_MUTEX_INIT(mutex);

static void lock_and_note(void *arg)
{
	uk_mutex_lock(&mutex);
	UK_EXPECT(mutex.owner == uk_thread_current());
	note(*(const char *)arg);
	uk_thread_yield();
	note('/');
	uk_mutex_unlock(&mutex);
}

UK_TEST(mutex, test_excludes_and_is_handed_over_in_order)
{
	struct uk_thread *t;

	start();
	uk_mutex_lock(&mutex);
	UK_EXPECT(!uk_mutex_trylock(&mutex));
	t = spawn(lock_and_note, "a");
	spawn(lock_and_note, "b");
	settle();
	uk_thread_wake(t);
	settle();
	UK_EXPECT_STR(trace, "");
	uk_mutex_unlock(&mutex);
	/* It has an owner already: nobody overtakes */
	UK_EXPECT(!uk_mutex_trylock(&mutex));
	spawn(lock_and_note, "c");
	settle();
	UK_EXPECT_STR(trace, "a/b/c/");
	UK_EXPECT(uk_mutex_trylock(&mutex));
	uk_mutex_unlock(&mutex);
}

static struct uk_sem sem;

static void down_and_note(void *arg)
{
	UK_EXPECT_EQ(uk_sem_down_until(&sem, UK_FOREVER), 0);
	note(*(const char *)arg);
}

UK_TEST(sem, test_counts_and_hands_over)
{
	start();
	uk_sem_init(&sem, 1);
	spawn(down_and_note, "a");
	spawn(down_and_note, "b");
	spawn(down_and_note, "c");
	settle();
	UK_EXPECT_STR(trace, "a");
	uk_sem_up(&sem);
	/* The unit is b's already */
	UK_EXPECT_EQ(uk_sem_down_until(&sem, 0), -ETIMEDOUT);
	UK_EXPECT_STR(trace, "ab");
	uk_sem_up(&sem);
	uk_sem_up(&sem);
	settle();
	UK_EXPECT_STR(trace, "abc");
	UK_EXPECT_EQ(sem.count, 1);
	UK_EXPECT_EQ(uk_sem_down_until(&sem, 0), 0);
}

UK_TEST(sem, test_down_times_out)
{
	uk_sem_init(&sem, 0);
	UK_EXPECT_EQ(uk_sem_down_until(&sem, uk_plat_mono_ns() + MS), -ETIMEDOUT);
	uk_sem_up(&sem);
	UK_EXPECT_EQ(sem.count, 1);
}
