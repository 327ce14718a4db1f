/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices beside any bus, of which the machine's maker or its loader says where
 * their registers are: virtio over MMIO. For lib/drv/virtio-mmio.
 *
 * Rules
 * - Provider: plat/kvm (`KVM_PROVIDES-y += mmio`): what the loader has put on the
 *   command line as virtio_mmio.device=SIZE@BASE:LINE, as Linux has it; with none
 *   of that, the places of QEMU's microvm, if there is no PCI bus.
 * - Whether there is a device at a place is for the driver to see.
 */
#ifndef UK_PLAT_MMIO_H
#define UK_PLAT_MMIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uk_plat_mmio {
	uint64_t addr;			/* of its registers */
	size_t len_bytes;
	unsigned int line;		/* of the interrupt controller */
};

/** The @i-th place, from 0. @return false: no more. */
bool uk_plat_mmio_place(unsigned int i, struct uk_plat_mmio *place);

/**
 * Have the interrupt of @place, for good. It is a level: the handler makes
 * the device take it back before it looks for work.
 * @handler: called in event context (<uk/plat/event.h>).
 * @return 0; -ENOSPC: all are taken; -ENODEV: there is no controller with that line.
 */
int uk_plat_mmio_irq(const struct uk_plat_mmio *place, void (*handler)(void *arg), void *arg);

#endif /* UK_PLAT_MMIO_H */
