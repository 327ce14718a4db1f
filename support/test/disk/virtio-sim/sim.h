/* SPDX-License-Identifier: BSD-3-Clause */
/* A virtio disk, as a bus that knows no registers, and a thread that does requests. */
#ifndef SIM_H
#define SIM_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_SECTORS 1024

extern struct sim {
	bool is_deaf;			/* does no request, but goes on writing what is read
					 * to memory until it stops */
	unsigned int n_lost;		/* so many requests it does not do */
	bool is_mute;			/* no interrupts until it is started */
	unsigned int stop_reads;	/* so often the status is looked at before it stops */
	unsigned int n_starts;
	unsigned int n_strange;		/* requests with anything in what is reserved */
} sim;

int sim_plug(void);
/* It has @sectors now; who looks at first sees a part of the change. */
void sim_grow(uint64_t torn, uint64_t sectors);

#endif /* SIM_H */
