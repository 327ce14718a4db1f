/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Execution contexts: what a cooperative thread switch saves.
 *
 * Rules
 * - A switch is an ordinary function call: only callee-saved registers
 *   survive it, so a context is no more than a stack pointer.
 * - No context may be switched to twice without having been switched from.
 * - The stack belongs to the caller; it must outlive the context.
 */
#ifndef UK_ARCH_CTX_H
#define UK_ARCH_CTX_H

#include <stdint.h>

struct uk_arch_ctx {
	uintptr_t sp;
};

/**
 * Prepare @ctx so that the first switch to it calls @entry(@arg) on the stack
 * that ends at @stack_top (exclusive, any alignment). @entry must not return.
 * Frame pointers end at this point: an unwinder stops here.
 */
void uk_arch_ctx_init(struct uk_arch_ctx *ctx, void *stack_top,
		      void (*entry)(void *arg), void *arg);

/** Save the running context in @from and go on with @to. */
void uk_arch_ctx_switch(struct uk_arch_ctx *from,
			const struct uk_arch_ctx *to);

#endif /* UK_ARCH_CTX_H */
