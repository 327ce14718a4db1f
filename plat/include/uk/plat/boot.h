/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a platform hands over to the libraries, and what it knows of its start.
 *
 * Rules
 * - Order: platform entry (assembly) -> platform C code, which makes console,
 *   memory, traps and clock work and touches nothing it does not need ->
 *   uk_boot(), on the boot stack, which never returns.
 * - Before uk_boot() no library is initialised: a platform may use
 *   uk_plat_*, uk_arch_*, static data, and the print library (which then
 *   writes straight to the platform's console).
 */
#ifndef UK_PLAT_BOOT_H
#define UK_PLAT_BOOT_H

#include <stddef.h>
#include <stdint.h>

/**
 * Implemented by lib/base/boot, called once by the platform.
 * @cmdline: NUL-terminated kernel command line; stays valid and is not
 *	written. An empty string when there is none. By convention it does not
 *	hold the image's name.
 */
void uk_boot(const char *cmdline) __attribute__((noreturn));

/** Short name of the platform: "xenpv", "xenhvm", "kvm", "linuxu". */
const char *uk_plat_name(void);

/** Monotonic time in ns (uk_plat_mono_ns() scale) when the image was entered;
 *  0 when the platform had no clock yet. */
uint64_t uk_plat_entry_ns(void);

/**
 * A file the loader put into memory beside the image (xl: `ramdisk=`, QEMU:
 * -initrd, linuxu: --module FILE).
 * @i: 0 for the first.
 * @base, @len_bytes: set on success; page aligned base, memory that belongs
 *	to the caller from then on and is not part of uk_plat_mem_region().
 * @return 0, or -ENOENT when there is no module @i.
 */
int uk_plat_boot_module(unsigned int i, void **base, size_t *len_bytes);

#endif /* UK_PLAT_BOOT_H */
