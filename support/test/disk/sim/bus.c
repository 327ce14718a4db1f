/* SPDX-License-Identifier: BSD-3-Clause */
#include "bus.h"

#include <errno.h>
#include <stdint.h>

#include <uk/pci.h>
#include <uk/plat/dma.h>
#include <uk/plat/time.h>
#include <uk/restart.h>
#include <uk/util.h>

struct bus bus;

static struct uk_pci_driver *driver;
static struct uk_restart_stop *stops;
static void (*handler)(void *arg);
static void *handler_arg;

uint64_t uk_plat_dma_addr(const void *va)
{
	return (uintptr_t)va;
}

void uk_pci_register(struct uk_pci_driver *drv)
{
	driver = drv;
}

volatile void *uk_pci_map_bar(struct uk_pci_dev *dev uk_unused, unsigned int bar uk_unused,
			      size_t *len_bytes)
{
	*len_bytes = bus.regs_bytes;
	return bus.regs;
}

void uk_pci_enable(const struct uk_pci_dev *dev uk_unused)
{
	bus.is_master = true;
}

int uk_pci_disable(const struct uk_pci_dev *dev uk_unused)
{
	bus.is_master = bus.is_lasting;
	return bus.is_master ? -EIO : 0;
}

int uk_pci_disable_at_stop(const struct uk_pci_dev *dev)
{
	bus.is_polled = true;
	return uk_pci_disable(dev);
}

int uk_pci_irq(struct uk_pci_dev *dev uk_unused, void (*fn)(void *arg), void *arg,
	       enum uk_pci_irq_kind *kind uk_unused)
{
	handler = fn;
	handler_arg = arg;
	return 0;
}

void uk_restart_at_stop(struct uk_restart_stop *stop)
{
	stop->next = stops;
	stops = stop;
}

void bus_interrupt(void)
{
	if (handler)
		handler(handler_arg);
}

int bus_plug(void)
{
	static struct uk_pci_dev dev = { .name = "sim" };

	return driver->probe(&dev);
}

unsigned int bus_stop_ms(void)
{
	uint64_t start_ns = uk_plat_mono_ns();

	for (struct uk_restart_stop *s = stops; s; s = s->next)
		s->fn(s->arg);
	return (unsigned int)((uk_plat_mono_ns() - start_ns) / UK_NSEC_PER_MSEC);
}
