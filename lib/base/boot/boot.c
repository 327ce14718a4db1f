/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The way from the platform to main(): parameters, the scheduler, and in the
 * thread "main" the init table and main() itself.
 */
#include <uk/boot.h>

#include <errno.h>

#include <uk/crash.h>
#include <uk/param.h>
#include <uk/plat/boot.h>
#include <uk/plat/shutdown.h>
#include <uk/print.h>
#include <uk/sched.h>

#include "boot_priv.h"

extern const struct uk_init uk_inittab_start[], uk_inittab_end[];

int main(int argc, char *argv[]);

static void run_inittab(void)
{
	int err;

	for (const struct uk_init *i = uk_inittab_start; i < uk_inittab_end; i++) {
		err = i->fn();
		if (err >= 0)
			continue;
		if (err == -ENODEV) {
			uk_pr_debug("boot: %s: not here\n", i->name);
			continue;
		}
		uk_pr_err("boot: %s: init failed (%s)\n", i->name, uk_errname(err));
		uk_plat_shutdown(UK_SHUTDOWN_CRASH, 1);
	}
}

static int split_args(char *words, char **argv, int max)
{
	int argc = 0;

	argv[argc++] = CONFIG_UK_NAME;
	while (argc < max && (argv[argc] = uk_param_word(&words)))
		argc++;
	if (argc == max && uk_param_word(&words))
		uk_pr_warn("boot: more than %d arguments: cut\n", max - 1);
	argv[argc] = NULL;
	return argc;
}

static void main_thread(void *args)
{
	static char *argv[CONFIG_LIBBOOT_MAX_ARGS + 1];
	int argc;

	run_inittab();
	uk_boot_stamp("libraries");
	argc = split_args(args, argv, CONFIG_LIBBOOT_MAX_ARGS);
	uk_boot_stamp("main");
	boot_stamps_show();
	uk_exit(main(argc, argv));
}

__attribute__((no_stack_protector)) void uk_boot(const char *cmdline)
{
	char *args;

	uk_stack_guard_seed();
	uk_boot_stamp("platform");
	args = uk_param_parse(cmdline);
	uk_sched_start(main_thread, args);
}
