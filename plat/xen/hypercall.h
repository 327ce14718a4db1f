/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hypercalls on x86_64. Specification: xen/arch-x86/xen-x86_64.h.
 *
 * Rules
 * - The hypercall page is filled by Xen: entry N is at N * 32. Its code keeps
 *   all registers but the result's; arguments are given up nevertheless, as
 *   the specification allows Xen to change them.
 * - @nr is a constant, so that a hypercall is one call instruction.
 */
#ifndef XEN_HYPERCALL_H
#define XEN_HYPERCALL_H

#include <stdint.h>

#include <xen/xen.h>

#define XEN_HYPERCALL_BYTES 32

#define xen_always_inline static inline __attribute__((always_inline))

xen_always_inline long xen_hypercall1(unsigned int nr, unsigned long a1)
{
	long ret;

	__asm__ __volatile__("call xen_hypercall_page + %c[entry]"
			     : "=a"(ret), "+D"(a1)
			     : [entry] "i"(nr * XEN_HYPERCALL_BYTES)
			     : "memory");
	return ret;
}

xen_always_inline long xen_hypercall2(unsigned int nr, unsigned long a1, unsigned long a2)
{
	long ret;

	__asm__ __volatile__("call xen_hypercall_page + %c[entry]"
			     : "=a"(ret), "+D"(a1), "+S"(a2)
			     : [entry] "i"(nr * XEN_HYPERCALL_BYTES)
			     : "memory");
	return ret;
}

xen_always_inline long xen_hypercall3(unsigned int nr, unsigned long a1, unsigned long a2,
				      unsigned long a3)
{
	long ret;

	__asm__ __volatile__("call xen_hypercall_page + %c[entry]"
			     : "=a"(ret), "+D"(a1), "+S"(a2), "+d"(a3)
			     : [entry] "i"(nr * XEN_HYPERCALL_BYTES)
			     : "memory");
	return ret;
}

xen_always_inline long xen_hypercall4(unsigned int nr, unsigned long a1, unsigned long a2,
				      unsigned long a3, unsigned long a4)
{
	register unsigned long r10 __asm__("r10") = a4;
	long ret;

	__asm__ __volatile__("call xen_hypercall_page + %c[entry]"
			     : "=a"(ret), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10)
			     : [entry] "i"(nr * XEN_HYPERCALL_BYTES)
			     : "memory");
	return ret;
}

xen_always_inline long xen_event_channel_op(unsigned int cmd, void *arg)
{
	return xen_hypercall2(__HYPERVISOR_event_channel_op, cmd, (unsigned long)arg);
}

xen_always_inline long xen_grant_table_op(unsigned int cmd, void *ops, unsigned int count)
{
	return xen_hypercall3(__HYPERVISOR_grant_table_op, cmd, (unsigned long)ops, count);
}

xen_always_inline long xen_memory_op(unsigned int cmd, void *arg)
{
	return xen_hypercall2(__HYPERVISOR_memory_op, cmd, (unsigned long)arg);
}

xen_always_inline long xen_sched_op(unsigned int cmd, void *arg)
{
	return xen_hypercall2(__HYPERVISOR_sched_op, cmd, (unsigned long)arg);
}

xen_always_inline long xen_vcpu_op(unsigned int cmd, unsigned int vcpu, void *arg)
{
	return xen_hypercall3(__HYPERVISOR_vcpu_op, cmd, vcpu, (unsigned long)arg);
}

xen_always_inline long xen_console_io(unsigned int cmd, unsigned long len, const void *buf)
{
	return xen_hypercall3(__HYPERVISOR_console_io, cmd, len, (unsigned long)buf);
}

xen_always_inline long xen_physdev_op(unsigned int cmd, void *arg)
{
	return xen_hypercall2(__HYPERVISOR_physdev_op, cmd, (unsigned long)arg);
}

#endif /* XEN_HYPERCALL_H */
