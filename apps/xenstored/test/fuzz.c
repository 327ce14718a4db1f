/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The fuzzer's target: each input is played to a daemon with three guests, then
 * what must hold is checked, and all is brought back to the start. What does
 * not hold ends the image, for which libFuzzer keeps the input.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <uk/assert.h>
#include <uk/linuxu/input.h>
#include <uk/print.h>
#include <uk/xensim.h>

#define N_GUESTS (FUZZ_N_DOMAINS - 1)

/* Low, so that an input of some hundred bytes reaches them */
static const struct quota {
	const char *name, *value;
	int max;	/* what it may say of a guest; 0: it does not count it */
} quotas[] = {
	{ "nodes", "24", 24 },
	{ "watches", "6", 7 },
	{ "transactions", "3", 4 },
	{ "outstanding", "8", 9 },
	{ "transaction-nodes", "16", 0 },
	{ "node-size", "400", 0 },
	{ "permissions", "3", 0 },
	{ "memory", "24000", 0 },
};

static struct {
	unsigned int records, mappings, corruptions;
	size_t n_allocs;
} base;

#define must(cond) must_(__LINE__, #cond, cond)
static void must_(int line, const char *what, bool holds)
{
	if (holds)
		return;
	uk_console_printf("fuzz.c:%d: must hold: %s\n", line, what);
	abort();
}

static void make_guests(void)
{
	for (domid_t i = 1; i <= N_GUESTS; i++) {
		struct sim_domain *d = sim_domain_new(i);

		must(d && !sim_introduce(d) && !sim_give_home(d));
	}
}

/* No quota is for dom0, and none stops what dom0 gives to a guest. */
static bool is_within(const struct sim_domain *d, const struct quota *q, int n)
{
	if (n < 0)
		return false;
	return n <= q->max || !d->id || (q == quotas && fuzz_has_given());
}

static void check_accounts(struct sim_domain *d)
{
	static struct sim_msg m;

	if (sim_accounts(d, &m))	/* the daemon does not know it any more */
		return;
	for (const struct quota *q = quotas; q < quotas + UK_ARRAY_SIZE(quotas); q++) {
		int n = q->max ? sim_account_of(&m, q->name) : 0;

		if (is_within(d, q, n))
			continue;
		uk_console_printf("fuzz.c: domain %u: %s: %d\n", d->id, q->name, n);
		abort();
	}
	must(sim_account_of(&m, "memory") >= 0);
}

static void check(void)
{
	char value[4];

	for (domid_t i = 0; i <= N_GUESTS; i++)
		if (sim_domain_find(i))
			check_accounts(sim_domain_find(i));
	must(!sim_control(NULL, "check", NULL));
	must(sim_corruptions() == base.corruptions);
	must(sim_read(sim_dom0(), 0, "/", value, sizeof(value)) != -ETIMEDOUT);
}

static void go_back(void)
{
	must(!sim_reset());
	must(sim_records() == base.records);
	must(uk_xensim_mappings() == base.mappings);
	must(sim_memory().n_allocs == base.n_allocs);
	must(sim_corruptions() == base.corruptions);
}

/* What is made once, such as buffers that only grow or the reserve that the first
 * request of a guest fills, is there after two rounds. */
static void warm_up(void)
{
	static const uint8_t read[] = { 1 << 4, XS_READ, 0, 'a', FUZZ_END_OF_ACTION };

	sim_start();
	for (size_t i = 0; i < UK_ARRAY_SIZE(quotas); i++)
		must(!sim_control(NULL, "quota", "set", quotas[i].name, quotas[i].value, NULL));
	for (int i = 0; i < 2; i++) {
		make_guests();
		fuzz_play(read, sizeof(read));
		must(!sim_reset());
	}
	base.records = sim_records();
	base.mappings = uk_xensim_mappings();
	base.n_allocs = sim_memory().n_allocs;
	base.corruptions = sim_corruptions();
}

int main(void)
{
	const uint8_t *bytes;
	uint8_t *copy;
	size_t len;

	warm_up();
	for (;;) {
		uk_linuxu_input_next(&bytes, &len);
		copy = malloc(len ? len : 1);
		must(copy);
		memcpy(copy, bytes, len);
		make_guests();
		fuzz_play(copy, len);
		free(copy);
		check();
		go_back();
	}
}
