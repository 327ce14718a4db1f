/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The platform's start: an ordinary Linux process without a C library, on the
 * stack the kernel gave it. With PLAT_LINUXU_HOSTED the C library's main() is
 * what calls us (hosted.c); everything here stays as it is.
 */
#include "linuxu_priv.h"

#include <uk/plat/boot.h>
#include <uk/plat/time.h>
#include <uk/print.h>

static uint64_t entry_ns;

const char *uk_plat_name(void)
{
	return "linuxu";
}

uint64_t uk_plat_entry_ns(void)
{
	return entry_ns;
}

void uk_linuxu_main(int argc, char **argv)
{
	struct linuxu_args args;
	int err;

	entry_ns = uk_plat_mono_ns();
	linuxu_trap_init();
	linuxu_args_parse(&args, argc, argv);
	err = linuxu_mem_init(args.memory_bytes);
	if (err)
		linuxu_die("--memory: so much cannot be reserved: ", uk_errname(err));
	/* The fuzzer has handlers of its own */
	err = IS_ENABLED(CONFIG_SAN_FUZZER) ? 0 : linuxu_signals_init();
	if (err)
		linuxu_die("cannot receive signals: ", uk_errname(err));
	uk_boot(args.cmdline);
}
