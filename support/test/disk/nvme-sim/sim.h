/* SPDX-License-Identifier: BSD-3-Clause */
/* A controller with one namespace, as memory that a thread looks at. */
#ifndef SIM_H
#define SIM_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_BLOCKS 1024

extern struct sim {
	uint64_t n_blocks;
	uint8_t block_shift;
	bool has_notices;
	bool is_deaf;			/* answers no read and no write, but goes on writing
					 * what is read to memory until it stops */
	unsigned int n_lost;		/* so many of these, or of logs, it does not answer */
	bool is_mute;			/* no interrupts until it is started */
	unsigned int stop_reads;	/* so often the status is looked at before it stops */
	uint64_t ready_ns;		/* it is not, before */
	uint8_t stride;			/* of its doorbells: 4 << so much */
	bool is_chatty;			/* answers what nobody has asked, too */
	unsigned int n_starts, n_asked;	/* how often it was started, asked for events */
	bool is_asked;			/* has a request for events */
} sim;

/* The driver finds it. @return what probe() does. */
int sim_plug(void);
/* Tell that the namespace has changed, as soon as that may be told. */
void sim_tell(void);

#endif /* SIM_H */
