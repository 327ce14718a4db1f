/* SPDX-License-Identifier: BSD-3-Clause */
/* musl has its own tests elsewhere; these are of the seam: what it gets from
 * us, and that what it computes itself was compiled as it has to be. */
#define _GNU_SOURCE
#include <errno.h>
#include <fenv.h>
#include <math.h>
#include <pthread.h>
#include <regex.h>
#include <semaphore.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <uk/test.h>
#include <uk/thread.h>
#include <uk/util.h>

UK_TEST(musl, test_printf_formats_floating_point)
{
	char buf[80];

	UK_EXPECT_EQ(snprintf(buf, sizeof(buf), "%.3f %g %Lg %a", 1.0 / 3, 1e100, 0.1L, 1.5), 25);
	UK_EXPECT_STR(buf, "0.333 1e+100 0.1 0x1.8p+0");
	UK_EXPECT(strtod("1e-3x", NULL) == 0.001);
}

UK_TEST(musl, test_malloc_fails_with_enomem)
{
	void *p;

	errno = 0;
	p = malloc(SIZE_MAX / 4);
	UK_EXPECT(!p);
	UK_EXPECT_EQ(errno, ENOMEM);
	UK_EXPECT_EQ(posix_memalign(&p, 24, 100), EINVAL);
	if (UK_EXPECT_EQ(posix_memalign(&p, 256, 100), 0))
		UK_EXPECT_EQ((uintptr_t)p % 256, 0);
	free(p);
}

UK_TEST(musl, test_stream_in_memory_grows)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!UK_EXPECT(f))
		return;
	for (int i = 0; i < 1000; i++)
		fprintf(f, "%d,", i);
	UK_EXPECT_EQ(fclose(f), 0);
	UK_EXPECT_EQ(len, 10 * 2 + 90 * 3 + 900 * 4);
	UK_EXPECT(len > 4 && !strcmp(text + len - 4, "999,"));
	free(text);
}

UK_TEST(musl, test_regular_expression_matches)
{
	regmatch_t m[2];
	regex_t re;

	if (!UK_EXPECT_EQ(regcomp(&re, "^vif([0-9]+)$", REG_EXTENDED), 0))
		return;
	UK_EXPECT_EQ(regexec(&re, "vif42", 2, m, 0), 0);
	UK_EXPECT_EQ(m[1].rm_so, 3);
	UK_EXPECT_EQ(m[1].rm_eo, 5);
	UK_EXPECT_EQ(regexec(&re, "vifx", 0, NULL, 0), REG_NOMATCH);
	regfree(&re);
}

UK_TEST(musl, test_mathematics_is_exact_to_the_bit)
{
	volatile double two = 2, big = 1e22;

	UK_EXPECT(sqrt(two) == 0x1.6a09e667f3bcdp+0);
	UK_EXPECT(fabs(sin(big) + 0.8522008497671888) < 1e-15);
	UK_EXPECT(isnan(sqrt(-two)));
	UK_EXPECT(lrint(2.5) == 2);
}

UK_TEST(musl, test_longjmp_returns_to_setjmp)
{
	static jmp_buf env;
	volatile int n = 0;

	if (setjmp(env) < 3) {
		n++;
		longjmp(env, n);
	}
	UK_EXPECT_EQ(n, 3);
}

UK_TEST(musl, test_date_is_computed)
{
	time_t t = 1700000000;
	struct tm tm;
	char buf[32];

	UK_EXPECT(gmtime_r(&t, &tm));
	strftime(buf, sizeof(buf), "%Y-%m-%d %H:%M:%S", &tm);
	UK_EXPECT_STR(buf, "2023-11-14 22:13:20");
	UK_EXPECT_EQ(timegm(&tm), t);
	UK_EXPECT(time(NULL) > t);
}

/* The child's function would run on the stack of who asked, long after */
UK_TEST(musl, test_no_process_is_made)
{
	static char name[] = "true";
	static char *argv[] = { name, NULL }, *envp[] = { NULL };
	pid_t pid = 77;

	UK_EXPECT_EQ(posix_spawn(&pid, "/bin/true", NULL, NULL, argv, envp), ENOSYS);
	UK_EXPECT_EQ(posix_spawnp(&pid, name, NULL, NULL, argv, envp), ENOSYS);
	UK_EXPECT_EQ(pid, 77);
	errno = 0;
	UK_EXPECT(!popen("true", "r"));
	UK_EXPECT_EQ(errno, ENOSYS);
	errno = 0;
	UK_EXPECT_EQ(system("true"), -1);
	UK_EXPECT_EQ(errno, ENOSYS);
	uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
}

/* ---- Threads ---- */

struct turns {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int turn, n_done;
};

struct player {
	struct turns *turns;
	int no;
};

static void *play(void *arg)
{
	struct player *p = arg;
	struct turns *t = p->turns;

	for (int i = 0; i < 5; i++) {
		pthread_mutex_lock(&t->lock);
		while (t->turn != p->no)
			pthread_cond_wait(&t->changed, &t->lock);
		t->turn = (t->turn + 1) % 3;
		t->n_done++;
		pthread_cond_broadcast(&t->changed);
		pthread_mutex_unlock(&t->lock);
	}
	return p;
}

UK_TEST(musl, test_threads_take_turns)
{
	struct turns turns = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0 };
	struct player players[3];
	pthread_t ids[3];
	void *result;

	for (int i = 0; i < 3; i++) {
		players[i] = (struct player){ &turns, i };
		UK_EXPECT_EQ(pthread_create(&ids[i], NULL, play, &players[i]), 0);
	}
	for (int i = 0; i < 3; i++) {
		UK_EXPECT_EQ(pthread_join(ids[i], &result), 0);
		UK_EXPECT(result == &players[i]);
	}
	UK_EXPECT_EQ(turns.n_done, 15);
}

static void *spoil_errno(void *arg)
{
	(void)arg;
	errno = 77;
	uk_thread_yield();
	return (void *)(long)errno;
}

UK_TEST(musl, test_threads_have_an_errno_each)
{
	pthread_t id;
	void *result;

	UK_EXPECT_EQ(pthread_create(&id, NULL, spoil_errno, NULL), 0);
	errno = 5;
	uk_thread_yield();
	UK_EXPECT_EQ(errno, 5);
	errno = 6;
	UK_EXPECT_EQ(pthread_join(id, &result), 0);
	UK_EXPECT_EQ((long)result, 77);
}

static int n_destroyed;

static void destroyed(void *value)
{
	n_destroyed += *(int *)value;
}

static void *with_key(void *key)
{
	static int one = 1;

	pthread_setspecific(*(pthread_key_t *)key, &one);
	pthread_exit(NULL);
}

UK_TEST(musl, test_many_threads_end_and_leave_nothing)
{
	pthread_attr_t attr;
	pthread_key_t key;
	pthread_t id;

	pthread_key_create(&key, destroyed);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	n_destroyed = 0;
	/* More than there would be memory for, if it were not given back */
	for (int i = 0; i < 2000; i++) {
		UK_EXPECT_EQ(pthread_create(&id, i % 2 ? &attr : NULL, with_key, &key), 0);
		if (i % 2)
			uk_thread_yield();
		else
			pthread_join(id, NULL);
	}
	UK_EXPECT_EQ(n_destroyed, 2000);
	pthread_key_delete(key);
}

UK_TEST(musl, test_timed_wait_times_out)
{
	struct timespec ts;
	sem_t sem;

	sem_init(&sem, 0, 0);
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += 5000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	UK_EXPECT_EQ(sem_timedwait(&sem, &ts), -1);
	UK_EXPECT_EQ(errno, ETIMEDOUT);
}

#ifndef CONFIG_PLAT_LINUXU_HOSTED
static __thread int counter = 7;
static __thread char zeroes[100];

static void *count(void *from_main)
{
	long sum = counter * 1000 + zeroes[99] + (from_main == &counter);

	counter++;
	zeroes[99] = 1;
	uk_thread_yield();
	return (void *)(sum + counter);
}

UK_TEST(musl, test_threads_have_variables_each)
{
	pthread_t id[2];
	void *result;

	counter = 100;
	zeroes[99] = 2;
	for (int i = 0; i < 2; i++)
		UK_EXPECT_EQ(pthread_create(&id[i], NULL, count, &counter), 0);
	uk_thread_yield();
	UK_EXPECT_EQ(counter, 100);
	for (int i = 0; i < 2; i++) {
		UK_EXPECT_EQ(pthread_join(id[i], &result), 0);
		UK_EXPECT_EQ((long)result, 7008);
	}
	UK_EXPECT_EQ(counter, 100);
	UK_EXPECT_EQ(zeroes[99], 2);
	counter = 7;
	zeroes[99] = 0;
}
#endif

static void *round_up(void *result)
{
	fesetround(FE_UPWARD);
	uk_thread_yield();
	*(long *)result = lrint(2.1);
	return NULL;
}

UK_TEST(musl, test_threads_round_as_they_chose)
{
	pthread_t id;
	long up = 0;

	UK_EXPECT_EQ(pthread_create(&id, NULL, round_up, &up), 0);
	uk_thread_yield();
	UK_EXPECT_EQ(lrint(2.1), 2);
	pthread_join(id, NULL);
	UK_EXPECT_EQ(up, 3);
}
