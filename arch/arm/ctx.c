/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/arch/ctx.h>

#include <stdint.h>

/* What uk_arch_ctx_switch() pops; see switch.S. */
struct ctx_frame {
	uint32_t r4, r5, r6, r7, r8, r9, r10, r11, pad;
	uint32_t pc;
};

void uk_arch_ctx_start(void);

void uk_arch_ctx_init(struct uk_arch_ctx *ctx, void *stack_top,
		      void (*entry)(void *arg), void *arg)
{
	struct ctx_frame *f;

	f = (struct ctx_frame *)((uintptr_t)stack_top & ~(uintptr_t)7) - 1;
	*f = (struct ctx_frame) {
		.r4 = (uintptr_t)entry,
		.r5 = (uintptr_t)arg,
		.pc = (uintptr_t)uk_arch_ctx_start,
	};
	ctx->sp = (uintptr_t)f;
}
