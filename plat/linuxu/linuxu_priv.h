/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of this platform share. */
#ifndef LINUXU_PRIV_H
#define LINUXU_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uk/arch/regs.h>
#include <uk/util.h>

#define EXIT_OUTPUT_LOST 1	/* instead of 0 */
#define EXIT_USAGE 2

/* Entry, from the architecture's _start or from hosted.c. */
void uk_linuxu_main(int argc, char **argv) uk_noreturn;

/* ---- args.c: options of the process ---- */
struct linuxu_args {
	size_t memory_bytes;
	const char *cmdline;
};
void linuxu_args_parse(struct linuxu_args *args, int argc, char **argv);
/* Write the words to standard error, end with the status of a usage error. */
#define linuxu_die(...) linuxu_die_((const char *[]) { __VA_ARGS__, NULL })
void linuxu_die_(const char **words) uk_noreturn;

/* ---- the other files, in the order of their start ---- */
int linuxu_mem_init(size_t len_bytes);
int linuxu_module_add(const char *path);
void linuxu_trap_init(void);
int linuxu_signals_init(void);

/* Was there output that standard output did not take? Said on standard error. */
bool linuxu_console_has_failed(void);

/* The clock of PLAT_LINUXU_VIRTUAL_TIME (time_virtual.c) goes on to @ns. */
void linuxu_time_set(uint64_t ns);

/* End the process (shutdown.c), or go back to the C library (hosted.c). */
void linuxu_exit(int status) uk_noreturn;

/* ---- <arch>/ucontext.c ---- */
enum linuxu_access {
	LINUXU_ACCESS_UNKNOWN,
	LINUXU_ACCESS_READ,
	LINUXU_ACCESS_WRITE,
	LINUXU_ACCESS_EXEC,
};
/* Translate the kernel's signal frame; the result says what the faulting
 * instruction did to memory, where the kernel tells. */
enum linuxu_access linuxu_regs_load(struct uk_arch_regs *regs, const void *uc);

#endif /* LINUXU_PRIV_H */
