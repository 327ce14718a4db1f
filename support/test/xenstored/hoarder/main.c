/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A guest that has xenstored keep as much for it as it may: first large nodes, then
 * smaller ones, below data/. Then it goes on asking for ever. For the host's tests,
 * which read its last line.
 */
#include <stdbool.h>
#include <string.h>

#include <uk/param.h>
#include <uk/print.h>
#include <uk/thread.h>
#include <uk/xen/xenstore.h>

#define NODE_BYTES 1900
#define REST_NS (200 * UK_NSEC_PER_MSEC)

static bool is_small;
UK_PARAM(hoarder_small, "hoarder.small", UK_PARAM_BOOL, &is_small, "small nodes only");

static char value[NODE_BYTES + 1];

static int put(const char *name, unsigned int n, size_t len)
{
	char path[32];

	memset(value, 'v', len);
	value[len] = '\0';
	uk_snprintf(path, sizeof(path), "data/%s%u/%u", name, n / 100, n);
	return uk_xs_write(UK_XS_NO_TX, path, NULL, value);
}

/* @return how many, and in *@err why there are no more */
static unsigned int fill(const char *name, size_t len, int *err)
{
	unsigned int n = 0;

	while (!(*err = put(name, n, len)))
		n++;
	return n;
}

int main(void)
{
	unsigned int large = 0, medium = 0, small;
	int err;

	if (!is_small) {
		large = fill("large", NODE_BYTES, &err);
		medium = fill("medium", 400, &err);
	}
	small = fill("small", 1, &err);
	uk_console_printf("hoarder: %u large %u medium %u small: %s\n", large, medium, small,
			  uk_errname(err));
	for (;;) {
		uk_thread_sleep_ns(REST_NS);
		fill("more", NODE_BYTES, &err);
	}
}
