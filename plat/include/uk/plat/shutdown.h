/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The end of an image.
 *
 * Rules
 * - Any context: event handlers, crashes, before the libraries have started. No lock
 *   is taken, nothing blocks but the wait for the console (bounded).
 */
#ifndef UK_PLAT_SHUTDOWN_H
#define UK_PLAT_SHUTDOWN_H

enum uk_shutdown {
	UK_SHUTDOWN_POWEROFF,	/* Xen: on_poweroff; QEMU exits; process: exit(status) */
	UK_SHUTDOWN_REBOOT,	/* Xen: on_reboot; process: exit(0) */
	UK_SHUTDOWN_CRASH,	/* Xen: on_crash; QEMU: stops as the machine can; process: abort */
};

/**
 * End the image now; output is flushed first. Runs no library code: use
 * uk_exit() of <uk/boot.h> for an orderly end.
 * @status: exit status where the platform has one (linuxu: 0..255, and 1 for 0 when
 *	standard output did not take everything; QEMU with isa-debug-exit); ignored
 *	elsewhere.
 */
void uk_plat_shutdown(enum uk_shutdown why, int status)
	__attribute__((noreturn));

#endif /* UK_PLAT_SHUTDOWN_H */
