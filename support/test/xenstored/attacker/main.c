/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A guest that attacks its xenstore daemon in the way that the parameter
 * attack= names, says on its console what came of it ("attack: ok", or what
 * was not as expected) and stays until it is destroyed. A name that is none is
 * a guest that does nothing.
 */
#include <string.h>

#include "attack.h"

#include <uk/param.h>
#include <uk/plat/boot.h>
#include <uk/plat/event.h>
#include <uk/print.h>
#include <uk/thread.h>
#include <uk/wait.h>
#include <uk/xen/evtchn.h>
#include <uk/xen/store.h>

static const char *name;

UK_PARAM(attack, "attack", UK_PARAM_STR, &name, "which one");

static const struct {
	const char *name;
	void (*run)(struct wire *w);
	void (*after)(struct wire *w);	/* when the host has had a look, or NULL */
} attacks[] = {
	{ "unread_replies", attack_unread_replies, NULL },
	{ "watch_flood", attack_watch_flood, attack_read_flood },
	{ "large_transactions", attack_large_transactions, NULL },
	{ "long_names", attack_long_names, NULL },
	{ "nodes_in_transaction", attack_nodes_in_transaction, NULL },
	{ "unread_heavy_replies", attack_unread_heavy_replies, attack_read_heavy_replies },
	{ "create_over_quota", attack_create_over_quota, NULL },
	{ "orphans", attack_orphans, NULL },
	{ "deep_tree", attack_deep_tree, NULL },
	{ "create_and_delete", attack_create_and_delete, NULL },
	{ "uncounted_nodes", attack_uncounted_nodes, NULL },
	{ "negative_count", attack_negative_count, NULL },
	{ "watch_others", attack_watch_others, NULL },
	{ "long_token", attack_long_token, NULL },
	{ "root", attack_root, NULL },
	{ "strange_nodes", attack_strange_nodes, NULL },
	{ "empty_domid", attack_empty_domid, NULL },
	{ "reset_watches", attack_reset_watches, NULL },
	{ "long_message", attack_long_message, NULL },
	{ "request_index", attack_request_index, NULL },
	{ "reply_index", attack_reply_index, NULL },
	{ "half_message", attack_half_message, NULL },
};

static struct uk_wait_queue kicked = UK_WAIT_QUEUE_INIT(kicked);
static evtchn_port_t port;
static struct wire wire;

static void on_kick(void *arg)
{
	(void)arg;
	uk_wait_wake_all(&kicked);
}

static void kick(struct wire *w)
{
	(void)w;
	uk_evtchn_notify(port);
}

static void wait(struct wire *w, uint64_t deadline_ns)
{
	(void)w;
	uk_wait_once(&kicked, deadline_ns);
}

static void run(unsigned int i)
{
	attacks[i].run(&wire);
	if (attacks[i].after)
		attacks[i].after(&wire);
	uk_console_printf("attack: %s\n", wire.why[0] ? wire.why : "ok");
}

int main(void)
{
	int err = uk_xen_store_open(on_kick, NULL);

	wire.page = err ? NULL : uk_xen_store_page(&port);
	wire.kick = kick;
	wire.wait = wait;
	if (err) {
		uk_console_printf("attack: no xenstore\n");
		return 1;
	}
	for (unsigned int i = 0; name && i < UK_ARRAY_SIZE(attacks); i++)
		if (!strcmp(name, attacks[i].name))
			run(i);
	for (;;)
		uk_thread_block_until(UK_FOREVER);
}
