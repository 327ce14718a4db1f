/* SPDX-License-Identifier: BSD-3-Clause */
/* Takes the place of musl's file: the running thread's descriptor is in a
 * variable, which the scheduler keeps, and not behind a segment register. */
extern __UINTPTR_TYPE__ uk_thread_tp;

static inline uintptr_t __get_tp(void)
{
	return uk_thread_tp;
}

#define MC_PC gregs[REG_RIP]
