/* SPDX-License-Identifier: BSD-3-Clause */
/* What drivers of PCI devices are linked to, for one simulated device. */
#ifndef SIM_BUS_H
#define SIM_BUS_H

#include <stdbool.h>
#include <stddef.h>

extern struct bus {
	/* What the test sets: the device's registers; the bus cannot be taken away */
	volatile void *regs;
	size_t regs_bytes;
	bool is_lasting;
	/* What the driver has done */
	bool is_master;
	bool is_polled;			/* ... since the image stops */
} bus;

/* The driver finds the device. @return what probe() does. */
int bus_plug(void);
void bus_interrupt(void);
/* What a restart does first. @return how long it takes. */
unsigned int bus_stop_ms(void);

#endif /* SIM_BUS_H */
