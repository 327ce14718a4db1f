/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/arch/ctx.h>

#include <stdint.h>

/* What uk_arch_ctx_switch() restores; see switch.S. */
struct ctx_frame {
	uint64_t x19, x20, x21, x22, x23, x24, x25, x26, x27, x28, x29;
	uint64_t x30;
};

void uk_arch_ctx_start(void);

void uk_arch_ctx_init(struct uk_arch_ctx *ctx, void *stack_top,
		      void (*entry)(void *arg), void *arg)
{
	struct ctx_frame *f;

	f = (struct ctx_frame *)((uintptr_t)stack_top & ~(uintptr_t)15) - 1;
	*f = (struct ctx_frame) {
		.x19 = (uintptr_t)entry,
		.x20 = (uintptr_t)arg,
		.x30 = (uintptr_t)uk_arch_ctx_start,
	};
	ctx->sp = (uintptr_t)f;
}
