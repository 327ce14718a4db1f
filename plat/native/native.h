/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What platforms with page tables of their own share.
 *
 * Rules
 * - Interrupts are off, except inside native_irq_poll() and
 *   native_irq_sleep(): an interrupt only sets a bit, and no thread is ever
 *   interrupted elsewhere.
 * - Order at boot: native_traps_init(), native_map_boot() of what the loader
 *   left, native_boot_*() to read it, native_mem_init(), uk_boot().
 * - The loader's data is trusted: it could as well have changed the image.
 */
#ifndef NATIVE_H
#define NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Called by the entry code, on the boot stack. */
void native_start(const void *info) __attribute__((noreturn));

/* Time stamp counter when the image was entered. */
extern uint64_t native_entry_tsc;

/* ---- What the loader says (bootinfo.c) ---- */
struct native_range {
	uint64_t base;
	uint64_t len_bytes;
};

struct native_boot {
	const char *cmdline;	/* never NULL */
	uint64_t rsdp;		/* 0: unknown */
	unsigned int n_ram, n_modules;
	struct native_range ram[16];
	struct native_range modules[4];
};

extern struct native_boot native_boot;

/* What does not fit is left out */
void native_boot_add_ram(uint64_t base, uint64_t len_bytes);
void native_boot_add_module(uint64_t base, uint64_t len_bytes);

#define NATIVE_CMDLINE_MAX 4096

/** @pa: 0 for none */
void native_boot_set_cmdline(uint64_t pa);

/** @info: of whichever loader. @return whether it was understood. */
bool native_boot_pvh(const void *info);

/* ---- Page tables (paging.c) ---- */

/** Make memory that the loader or the firmware has written readable; before
 *  or after the page allocator is up. @return it, or NULL: out of memory. */
void *native_map_boot(uint64_t pa, size_t len_bytes);

/** Make device registers accessible, uncached. @return NULL: out of memory. */
volatile void *native_map_io(uint64_t pa);

/* Below the boot stack; a fault there is its overflow. */
extern char native_boot_guard[];

/* ---- Free memory (regions.c) ---- */

/** Find free memory from native_boot. */
void native_mem_init(void);

/* ---- Exceptions and interrupts (traps.c) ---- */
void native_traps_init(void);

/** Set who acknowledges interrupts at the controller; NULL: nobody has to. */
void native_irq_set_eoi(void (*eoi)(void));

/* Interrupts, counted from VEC_IRQ. The first two are the platform's own. */
#define IRQ_DEVICE 2
#define N_IRQ_DEVICE 12
#define IRQ_SPURIOUS 15

/** @fn is called by native_irq_dispatch() after interrupt VEC_IRQ + @irq. */
void native_irq_set(unsigned int irq, void (*fn)(unsigned int irq));

/** @return whether any was set. */
bool native_irq_is_used(void);

/** @irq is a level, which its handler ends: it is acknowledged after that. */
void native_irq_set_level(unsigned int irq);

/** @irq does not come from the controller: it is not acknowledged. */
void native_irq_set_no_eoi(unsigned int irq);

/** Take an interrupt, if one is pending at the controller; do not sleep. */
void native_irq_poll(void);

/** Sleep until an interrupt has been taken. */
void native_irq_sleep(void);

/** Call the handlers of the interrupts taken since the last call.
 *  @return whether there were any. */
bool native_irq_dispatch(void);

#endif /* NATIVE_H */
