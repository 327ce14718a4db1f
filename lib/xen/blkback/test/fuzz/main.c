/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The fuzzer's target: each input is played by hostile frontends; then what must
 * hold is checked, and they are taken away. What does not hold ends the image,
 * for which libFuzzer keeps the input.
 */
#include "fuzz.h"

#include <stdarg.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/assert.h>
#include <uk/linuxu/input.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

#define INNOCENT_DOM 4
#define READER_DOM 6
#define VDEV 51712
#define N_SEGS 11
#define N_BYTES (N_SEGS * UK_PAGE_SIZE)

struct hostile hostiles[FUZZ_N_HOSTILE];

static struct frontend innocent, reader;
static char want[N_BYTES];

/* ---- What does not hold ---- */

void must_(const char *file, int line, const char *what, bool holds)
{
	if (holds)
		return;
	uk_console_printf("%s:%d: must hold: %s\n", file, line, what);
	uk_bug("what must hold does not");
}

/* The frontends of the unit tests expect things. */
void uk_test_fail(const char *file, int line, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	uk_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	must_(file, line, text, false);
}

void uk_test_error(const char *fmt, ...)
{
	must_(__FILE_NAME__, __LINE__, fmt, false);
}

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
	uk_xensim_xs_rm("error");
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
static struct uk_frontsim_use warm_up(void)
{
	device_start();
	innocent.is_persistent = true;
	must(fe_connect(&innocent, INNOCENT_DOM, VDEV, "ram:size=64K"));
	start_reader();
	for (unsigned int round = 0; round < 2; round++) {
		life_start(&hostiles[0], 0);
		life_start(&hostiles[1], FUZZ_IS_SLOW);
		finish();
	}
	return uk_frontsim_use();
}

int main(void)
{
	struct uk_frontsim_use base = warm_up(), now;
	const uint8_t *bytes;
	const char *differs;
	uint8_t *copy;
	size_t len;

	for (;;) {
		uk_linuxu_input_next(&bytes, &len);
		copy = uk_malloc(len);
		must(copy);
		memcpy(copy, bytes, len);
		play(copy, len);
		uk_free(copy);
		finish();
		now = uk_frontsim_use();
		differs = uk_frontsim_use_differs(&base, &now);
		if (differs)
			must_(__FILE_NAME__, __LINE__, differs, false);
	}
}
