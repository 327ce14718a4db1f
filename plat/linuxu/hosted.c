/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The image as a function that a program of the host's C library calls. The
 * image runs on a stack of its own; its end is a switch back to the caller, so
 * that exit handlers (leak check, coverage) run where they expect to.
 */
#include "linuxu_priv.h"

#include <uk/arch/ctx.h>
#include <uk/asan.h>

/* Frames are several times larger under the sanitizers */
#define BOOT_STACK_BYTES (256 << 10)

int uk_linuxu_run(int argc, char **argv);

static char boot_stack[BOOT_STACK_BYTES] uk_aligned(16);
static struct uk_arch_ctx host, image;
static const void *host_stack;
static size_t host_stack_bytes;
static int host_argc, exit_status;

static void run(void *argv)
{
	uk_asan_switched_from(NULL, &host_stack, &host_stack_bytes);
	uk_linuxu_main(host_argc, argv);
}

/* The image changes the guard while this frame waits */
__attribute__((no_stack_protector)) int uk_linuxu_run(int argc, char **argv)
{
	void *fake_stack = NULL;

	host_argc = argc;
	uk_arch_ctx_init(&image, boot_stack + sizeof(boot_stack), run, argv);
	uk_asan_switch(&fake_stack, boot_stack, sizeof(boot_stack));
	uk_arch_ctx_switch(&host, &image);
	uk_asan_switched(fake_stack);
	return exit_status;
}

void linuxu_exit(int status)
{
	exit_status = status;
	uk_asan_switch(NULL, host_stack, host_stack_bytes);
	uk_arch_ctx_switch(&image, &host);
	__builtin_unreachable();
}
