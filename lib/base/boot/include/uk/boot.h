/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From uk_boot() to main() to the end.
 *
 * Rules
 * - uk_boot() parses parameters, runs the init table in order of levels, and
 *   main(argc, argv) in a thread called "main". When main returns, or anybody
 *   calls uk_exit(), exit hooks run in reverse order and the platform ends:
 *   status 0 is a poweroff; another value is a poweroff too, with the status
 *   in the log and, where the platform has one, as exit status.
 * - An init function that fails (returns < 0) stops the boot with its name
 *   and error, unless it returns -ENODEV ("not here": logged at debug level).
 * - Init functions run in thread context: they may block and create threads.
 */
#ifndef UK_BOOT_H
#define UK_BOOT_H

#include <stdint.h>

#include <uk/util.h>

struct uk_init {
	int (*fn)(void);
	const char *name;
};

/*
 * Levels, one letter so that the linker sorts them: what a level may rely on.
 *	a  core		heap, threads (they come up by themselves before)
 *	b  bus		buses: xenstore client, xenbus, PCI
 *	c  dev		device drivers
 *	d  lib		everything else: file systems, network stack
 *	e  late		last things before main
 */
#define UK_INIT(level, function)					\
	static const struct uk_init uk_init_##function			\
	uk_table_entry(inittab, #level "." #function) = {		\
		.fn = (function), .name = #function }

#define UK_INIT_CORE(fn) UK_INIT(a, fn)
#define UK_INIT_BUS(fn) UK_INIT(b, fn)
#define UK_INIT_DEV(fn) UK_INIT(c, fn)
#define UK_INIT_LIB(fn) UK_INIT(d, fn)
#define UK_INIT_LATE(fn) UK_INIT(e, fn)

/**
 * Note the time of a boot phase ("platform", "libraries", "main",
 * "connected", …). At most 8; the parameter `bootstamps` prints the table when
 * main() is entered and for each later phase.
 * @name: a string constant. Only the first call with a name counts.
 */
void uk_boot_stamp(const char *name);

/** Orderly end; callable from any thread, not from event context. */
void uk_exit(int status) uk_noreturn;

/** Orderly end with a reboot. */
void uk_reboot(void) uk_noreturn;

/** Call @fn(@arg) at the orderly end, last registered first.
 *  @return 0, or -ENOMEM. */
int uk_atexit(void (*fn)(void *arg), void *arg);

/**
 * Who asks the image to end (xl shutdown, a signal, the power button) calls
 * this from event or thread context; @is_reboot: xl reboot. The registered
 * handler is called in a thread; the default one is uk_exit(0)/uk_reboot().
 */
void uk_shutdown_request(int is_reboot);

/** Replace the default answer to a request; it may take its time and must end
 *  with uk_exit() or uk_reboot(). */
void uk_shutdown_set_handler(void (*fn)(int is_reboot));

#endif /* UK_BOOT_H */
