/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/arch/ctx.h>

#include <stdint.h>

/* What uk_arch_ctx_switch() pops; see switch.S. */
struct ctx_frame {
#ifdef CONFIG_HAVE_FPU
	uint32_t mxcsr, x87_control;
#endif
	uint64_t r15, r14, r13, r12, rbx, rbp;
	uint64_t rip;
};

void uk_arch_ctx_start(void);

void uk_arch_ctx_init(struct uk_arch_ctx *ctx, void *stack_top,
		      void (*entry)(void *arg), void *arg)
{
	struct ctx_frame *f;

	f = (struct ctx_frame *)((uintptr_t)stack_top & ~(uintptr_t)15) - 1;
	*f = (struct ctx_frame) {
#ifdef CONFIG_HAVE_FPU
		/* The ABI's initial state: all exceptions masked, nearest */
		.mxcsr = 0x1f80,
		.x87_control = 0x37f,
#endif
		.rbx = (uintptr_t)entry,
		.r12 = (uintptr_t)arg,
		.rip = (uintptr_t)uk_arch_ctx_start,
	};
	ctx->sp = (uintptr_t)f;
}
