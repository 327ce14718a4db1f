/* SPDX-License-Identifier: BSD-3-Clause */
/* A virtio disk, as a bus that knows no registers, and a thread that does requests. */
#ifndef SIM_H
#define SIM_H

#include <stdbool.h>

#define SIM_SECTORS 1024

extern struct sim {
	bool is_deaf;			/* does no request, but goes on writing what is read
					 * to memory until it stops */
	unsigned int n_lost;		/* so many requests it does not do */
	bool is_mute;			/* no interrupts until it is started */
	unsigned int stop_reads;	/* so often the status is looked at before it stops */
	unsigned int n_starts;
} sim;

int sim_plug(void);

#endif /* SIM_H */
