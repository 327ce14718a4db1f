/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lives, and the way from one to the next: devices are told to stop, the rest
 * is the platform's. What the next life says of this one it has from kept
 * variables, which it takes with a grain of salt.
 */
#include <uk/restart.h>

#include <stdint.h>

#include <uk/boot.h>
#include <uk/param.h>
#include <uk/plat/restart.h>
#include <uk/plat/shutdown.h>
#include <uk/plat/time.h>
#include <uk/print.h>

#include "restart_priv.h"

#define WINDOW_NS (60 * UK_NSEC_PER_SEC)
#define MAX_CRASHES 16

static struct {
	uint32_t n_restarts;
	uint32_t n_crashes;
	uint64_t began_ns;	/* to end; 0: has not */
	uint64_t crashes_ns[MAX_CRASHES];	/* the last ones, in a ring */
	char why[120];
	/* Of the running life; not where a bug writes most easily */
	struct uk_restart_stop *stops;
	bool is_stopping;
} last uk_kept;

static uint32_t simulated;
static int max_crashes = 3;

UK_PARAM(restart_max, "restart.max", UK_PARAM_INT, &max_crashes,
	 "crashes in a minute that are followed by a restart, at most 16; one more ends the image");

unsigned int uk_restart_count(void)
{
	return last.n_restarts;
}

uint32_t restart_life(void)
{
	return last.n_restarts + simulated + 1;
}

void uk_keep_simulate_restart(void)
{
	simulated++;
	keep_check_again();
}

void uk_restart_at_stop(struct uk_restart_stop *stop)
{
	stop->next = last.stops;
	last.stops = stop;
}

void uk_restart_note_end(const char *why)
{
	last.began_ns = uk_plat_mono_ns();
	uk_snprintf(last.why, sizeof(last.why), "%s", why);
}

/* @return false: one of them faults, which leads here again. */
static bool stop_devices(void)
{
	if (last.is_stopping)
		return false;
	last.is_stopping = true;
	for (struct uk_restart_stop *s = last.stops; s; s = s->next)
		s->fn(s->arg);
	last.is_stopping = false;
	return true;
}

static void again(void)
{
	/* A crash screen that has faulted may have noted nothing */
	if (!last.began_ns)
		uk_restart_note_end("a crash that could not be described");
	if (!stop_devices()) {
		uk_console_printf("restart: a device cannot be stopped\n");
		return;
	}
	last.stops = NULL;
	last.n_restarts++;
	uk_plat_restart();
	last.n_restarts--;
}

void uk_restart(const char *why)
{
	uk_restart_note_end(why);
	again();
	uk_plat_shutdown(UK_SHUTDOWN_CRASH, 1);
}

static unsigned int recent_crashes(uint64_t now_ns)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < UK_MIN(last.n_crashes, (uint32_t)MAX_CRASHES); i++)
		n += now_ns - last.crashes_ns[i] < WINDOW_NS;
	return n;
}

void uk_restart_after_crash(void)
{
	uint64_t now_ns = uk_plat_mono_ns();
	int max = UK_MIN(max_crashes, MAX_CRASHES);

	if (max <= 0)
		return;
	if (recent_crashes(now_ns) >= (unsigned int)max) {
		uk_console_printf("restart: %d crashes in a minute before this one: no more "
				  "(restart.max)\n", max);
		return;
	}
	last.crashes_ns[last.n_crashes++ % MAX_CRASHES] = now_ns;
	again();
}

static int restart_init(void)
{
	if (!last.n_restarts)
		return 0;
	last.why[sizeof(last.why) - 1] = '\0';
	uk_pr_warn("restart: life %u after: %s (%u us)\n", last.n_restarts + 1, last.why,
		   (unsigned int)((uk_plat_mono_ns() - last.began_ns) / UK_NSEC_PER_USEC));
	last.began_ns = 0;
	return 0;
}

UK_INIT_CORE(restart_init);
