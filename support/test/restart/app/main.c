/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Does what the test writes into data/do, and says so on the console. A word is
 * taken by removing it, so that the next life does not do it again.
 */
#include <string.h>

#include <uk/boot.h>
#include <uk/pages.h>
#include <uk/print.h>
#include <uk/restart.h>
#include <uk/wait.h>
#include <uk/xen/xenstore.h>

#include "restarttest.h"

#define WORD "data/do"

#define MANY 50

static struct uk_wait_queue changed = UK_WAIT_QUEUE_INIT(changed);
static bool is_changed;
/* Initial data and memory without: each life has to find them like this */
static int initial = 4711;
static int cleared;

static void on_change(struct uk_xs_watch *w uk_unused, const char *path uk_unused)
{
	is_changed = true;
	uk_wait_wake_one(&changed);
}

/* Lives that hold what they can and end at once, until @n have been had. */
static void many(unsigned int n)
{
	bool is_inherited;
	unsigned int *left = uk_keep("restarttest/many", sizeof(*left), &is_inherited);

	if (!left || (!is_inherited && !n))
		goto out;
	if (is_inherited)
		look();
	else
		*left = n;
	if (*left) {
		--*left;
		hold();
		uk_restart("one of many");
	}
	uk_console_printf("did the last of many\n");
out:
	uk_keep_free(left);
}

static void obey(const char *word)
{
	if (!strcmp(word, "hold"))
		hold();
	else if (!strcmp(word, "look"))
		look();
	else if (!strcmp(word, "many"))
		many(MANY);
	else
		end(word);
	uk_console_printf("did %s\n", word);
}

static void say_life(void)
{
	struct uk_pages_stats pages;
	bool is_inherited;
	unsigned int *n = uk_keep("restarttest/lives", sizeof(*n), &is_inherited);

	if (n)
		++*n;
	uk_pages_stats(&pages);
	uk_console_printf("life %u: counted %u, data %s, bss %s, %zu pages of %zu free\n",
			  uk_restart_count() + 1, n ? *n : 0, initial == 4711 ? "good" : "bad",
			  cleared ? "bad" : "good", pages.free_pages, pages.total_pages);
	initial++;
	cleared++;
}

int main(int argc uk_unused, char *argv[] uk_unused)
{
	static struct uk_xs_watch watch;
	char word[32];

	say_life();
	many(0);
	if (uk_xs_watch(&watch, WORD, on_change))
		return 1;
	for (;;) {
		uk_wait_event(&changed, is_changed);
		is_changed = false;
		if (uk_xs_read(UK_XS_NO_TX, WORD, NULL, word, sizeof(word)) <= 0)
			continue;
		uk_xs_write(UK_XS_NO_TX, WORD, NULL, "");
		obey(word);
	}
}
