/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The image as a function that a program of the host's C library calls. The
 * image runs on stacks of its own; its end is a switch back to the caller, so
 * that exit handlers (leak check, coverage) run where they expect to. So is its
 * wait for an input, from which it goes on when the host has one.
 */
#include "hosted.h"
#include "linuxu_priv.h"

#include <uk/arch/ctx.h>
#include <uk/asan.h>
#include <uk/linuxu/input.h>
#include <uk/thread.h>

/* Frames are several times larger under the sanitizers */
#define BOOT_STACK_BYTES (256 << 10)

static char boot_stack[BOOT_STACK_BYTES] uk_aligned(16);
static struct uk_arch_ctx host, image;
static const void *host_stack, *image_stack;
static size_t host_stack_bytes, image_stack_bytes;
static int host_argc, exit_status;
static const void *input;
static size_t input_bytes;

static void run(void *argv)
{
	uk_asan_switched_from(NULL, &host_stack, &host_stack_bytes);
	uk_linuxu_main(host_argc, argv);
}

/* Until the image ends or waits. It changes the guard while this frame waits. */
__attribute__((no_stack_protector)) static int enter(void)
{
	void *fake_stack = NULL;

	uk_asan_switch(&fake_stack, image_stack, image_stack_bytes);
	uk_arch_ctx_switch(&host, &image);
	uk_asan_switched(fake_stack);
	return exit_status;
}

__attribute__((no_stack_protector)) int uk_linuxu_run(int argc, char **argv)
{
	host_argc = argc;
	image_stack = boot_stack;
	image_stack_bytes = sizeof(boot_stack);
	uk_arch_ctx_init(&image, boot_stack + sizeof(boot_stack), run, argv);
	return enter();
}

int uk_linuxu_input(const void *bytes, size_t len)
{
	input = bytes;
	input_bytes = len;
	return enter();
}

void uk_linuxu_input_next(const uint8_t **bytes, size_t *len)
{
	const struct uk_thread *self = uk_thread_current();
	void *fake_stack = NULL;

	exit_status = UK_LINUXU_WAITS;
	image_stack = self->stack;
	image_stack_bytes = self->stack_bytes;
	uk_asan_switch(&fake_stack, host_stack, host_stack_bytes);
	uk_arch_ctx_switch(&image, &host);
	uk_asan_switched_from(fake_stack, &host_stack, &host_stack_bytes);
	*bytes = input;
	*len = input_bytes;
}

void linuxu_exit(int status)
{
	exit_status = status;
	uk_asan_switch(NULL, host_stack, host_stack_bytes);
	uk_arch_ctx_switch(&image, &host);
	__builtin_unreachable();
}
