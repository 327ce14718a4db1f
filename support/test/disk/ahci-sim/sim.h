/* SPDX-License-Identifier: BSD-3-Clause */
/* A controller with one disk, which queues commands: registers that are read and written by
 * functions, and a thread that does commands. */
#ifndef SIM_H
#define SIM_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_SECTORS 1024
#define SIM_BAD 512			/* from here on a write fails, with all that is queued */

extern struct sim {
	bool is_deaf;			/* until the port stops: commands are not done, though
					 * what they read is written to memory */
	unsigned int lba_at_stop;	/* once: a command there is done as the port stops */
	uint32_t cause_at_end;		/* once: of an interrupt just before they are off */
	bool is_mute;			/* no interrupts */
	unsigned int n_starts;		/* of the port */
	bool is_stubborn;		/* the port does not stop, and hears nothing */
	unsigned int reset_reads;	/* so often a reset is looked at before it is done */
} sim;

extern char sim_disk[SIM_SECTORS * 512];

int sim_plug(void);

#endif /* SIM_H */
