/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What must hold of blkback after each input, beside what frontsim counts: the innocent
 * and the reader are served, the rings are answered.
 */
#include "fuzz.h"

#include <string.h>

#include <uk/thread.h>

#define READER_DOM 6
#define VDEV 51712
#define N_SEGS 11
#define N_BYTES (N_SEGS * UK_PAGE_SIZE)

struct hostile hostiles[FUZZ_N_HOSTILE];

static struct frontend innocent, reader;
static char want[N_BYTES];

/* ---- The innocent ---- */

static void fill(char *bytes, unsigned int seed)
{
	for (unsigned int i = 0; i < N_BYTES; i++)
		bytes[i] = (char)(i * 13 + i / 509 + seed);
}

static void read_back(struct frontend *fe, unsigned int sector, unsigned int seed)
{
	fill(want, seed);
	memset(fe->data, 0, N_BYTES);
	must(fe_do(fe, BLKIF_OP_READ, sector, N_SEGS) == BLKIF_RSP_OKAY);
	must(!memcmp(fe->data, want, N_BYTES));
}

static void write_pattern(struct frontend *fe, unsigned int sector, unsigned int seed)
{
	fill(fe->data, seed);
	must(fe_do(fe, BLKIF_OP_WRITE, sector, N_SEGS) == BLKIF_RSP_OKAY);
}

void exchange(unsigned int sector)
{
	static unsigned int last_sector, last_seed;

	if (last_seed)
		read_back(&innocent, last_sector, last_seed);
	last_sector = sector % (FUZZ_DISK_SECTORS - 8 * N_SEGS);
	write_pattern(&innocent, last_sector, ++last_seed);
	read_back(&innocent, last_sector, last_seed);
	read_back(&reader, 0, 0);
}

/* ---- One input ---- */

static void finish(void)
{
	device_let_go();
	uk_thread_sleep_ns(UK_NSEC_PER_SEC);
	for (struct hostile *h = hostiles; h < hostiles + FUZZ_N_HOSTILE; h++)
		if (h->is_there)
			model_finish(h);
	exchange(7);
	for (struct hostile *h = hostiles; h < hostiles + FUZZ_N_HOSTILE; h++)
		life_end(h);
}

/* The disk of that name stays when its writer goes. */
static void start_reader(void)
{
	must(fe_connect(&reader, READER_DOM, VDEV, FUZZ_SHARED_TARGET));
	write_pattern(&reader, 0, 0);
	fe_detach(&reader);
	fe_free(&reader);
	fe_attach(&reader, READER_DOM, VDEV, FUZZ_SHARED_TARGET, "r");
	must(fe_wait(&reader, "state", "2"));
	fe_initialise(&reader);
	must(fe_wait(&reader, "state", "4"));
}

/* Each way is gone twice: what is made once is there then. */
static void warm_up(void)
{
	device_start();
	innocent.is_persistent = true;
	must(fe_connect(&innocent, UK_FRONTSIM_INNOCENT_DOM, VDEV, "ram:size=64K"));
	start_reader();
	for (unsigned int round = 0; round < 2; round++) {
		life_start(&hostiles[0], 0);
		life_start(&hostiles[1], FUZZ_IS_SLOW);
		finish();
		life_start(&hostiles[0], FUZZ_LARGEST);
		life_start(&hostiles[1], FUZZ_IS_SLOW | FUZZ_LARGEST);
		finish();
	}
}

int main(void)
{
	static const struct uk_frontsim_fuzz target = {
		.n_actions = FUZZ_N_ACTIONS, .act = act, .finish = finish,
	};

	warm_up();
	uk_frontsim_fuzz_run(&target);
}
