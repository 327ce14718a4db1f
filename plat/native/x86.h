/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers of the processor, for assembler and C. Specification: Intel SDM
 * volume 3, AMD APM volume 2. */
#ifndef NATIVE_X86_H
#define NATIVE_X86_H

#define CR0_PE		0x00000001
#define CR0_MP		0x00000002
#define CR0_ET		0x00000010
#define CR0_NE		0x00000020
#define CR0_WP		0x00010000
#define CR0_PG		0x80000000

#define CR4_PAE		0x020
#define CR4_OSFXSR	0x200
#define CR4_OSXMMEXCPT	0x400

#define RFLAGS_IF	0x200

#define MSR_APIC_BASE	0x0000001b
#define MSR_EFER	0xc0000080
#define EFER_LME	0x100
#define EFER_NXE	0x800

#define CPUID_80000001_EDX_NX	0x00100000
#define CPUID_80000001_EDX_LM	0x20000000

/* Page table entries */
#define PTE_P		0x001
#define PTE_W		0x002
#define PTE_PWT		0x008
#define PTE_PCD		0x010
#define PTE_PS		0x080
#define PTE_NX		0x8000000000000000

/* Selectors of native_gdt */
#define GDT_CODE	0x08
#define GDT_DATA	0x10
#define GDT_TSS		0x18

/* Vectors: exceptions, then 16 of ours */
#define VEC_NMI		2
#define VEC_DF		8
#define VEC_PF		14
#define VEC_MC		18
#define VEC_IRQ		32
#define N_IRQS		16
#define N_VECTORS	(VEC_IRQ + N_IRQS)
#define VECTOR_STUB_BYTES 16

#define BOOT_STACK_BYTES 8192

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>

static inline void x86_out8(uint16_t port, uint8_t v)
{
	__asm__ __volatile__("outb %0, %1" ::"a"(v), "Nd"(port) : "memory");
}

static inline void x86_out16(uint16_t port, uint16_t v)
{
	__asm__ __volatile__("outw %0, %1" ::"a"(v), "Nd"(port) : "memory");
}

static inline void x86_out32(uint16_t port, uint32_t v)
{
	__asm__ __volatile__("outl %0, %1" ::"a"(v), "Nd"(port) : "memory");
}

static inline uint8_t x86_in8(uint16_t port)
{
	uint8_t v;

	__asm__ __volatile__("inb %1, %0" : "=a"(v) : "Nd"(port) : "memory");
	return v;
}

static inline uint16_t x86_in16(uint16_t port)
{
	uint16_t v;

	__asm__ __volatile__("inw %1, %0" : "=a"(v) : "Nd"(port) : "memory");
	return v;
}

static inline uint32_t x86_in32(uint16_t port)
{
	uint32_t v;

	__asm__ __volatile__("inl %1, %0" : "=a"(v) : "Nd"(port) : "memory");
	return v;
}

static inline uint64_t x86_rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ __volatile__("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return (uint64_t)hi << 32 | lo;
}

static inline void x86_wrmsr(uint32_t msr, uint64_t v)
{
	__asm__ __volatile__("wrmsr" ::"c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32))
			     : "memory");
}

struct x86_cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct x86_cpuid x86_cpuid(uint32_t leaf)
{
	struct x86_cpuid r;

	__asm__ __volatile__("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			     : "a"(leaf), "c"(0));
	return r;
}

static inline uint64_t x86_rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ __volatile__("rdtsc" : "=a"(lo), "=d"(hi)::"memory");
	return (uint64_t)hi << 32 | lo;
}

/* Let pending interrupts in. Sti takes effect after the next instruction. */
static inline void x86_irq_window(void)
{
	__asm__ __volatile__("sti; nop; cli" ::: "memory");
}

static inline void x86_invlpg(uintptr_t va)
{
	__asm__ __volatile__("invlpg (%0)" ::"r"(va) : "memory");
}

#endif /* __ASSEMBLER__ */
#endif /* NATIVE_X86_H */
