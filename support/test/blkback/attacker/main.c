/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A guest that attacks blkback through its disk: one attack after the other, each
 * with a connection of its own, and on its console what came of it: "attack:
 * <name>: ok", or what was not as expected. "attacks: done" at the end. The
 * parameter attack= names one, to be repeated until the domain is destroyed; or
 * "computing", which is none.
 */
#include <string.h>

#include "disk.h"

#include <uk/param.h>
#include <uk/print.h>
#include <uk/thread.h>
#include <uk/util.h>
#include <uk/wait.h>
#include <uk/xen/evtchn.h>

static const char *only;
UK_PARAM(attack, "attack", UK_PARAM_STR, &only, "this one, again and again");

/* ---- Load ---- */

static void event_storm(void)
{
	uint64_t end = uk_plat_mono_ns() + LOAD_NS;

	while (uk_plat_mono_ns() < end)
		for (unsigned int i = 0; i < 100; i++)
			uk_evtchn_notify(vbd.port);
}

static void flood(void)
{
	uint64_t end = uk_plat_mono_ns() + LOAD_NS;

	while (uk_plat_mono_ns() < end && !vbd.why[0]) {
		for (unsigned int i = 0; i < N_SLOTS; i++)
			disk_put(i % 2 ? BLKIF_OP_WRITE : BLKIF_OP_READ, 11, i * 88);
		disk_expect(N_SLOTS, BLKIF_RSP_OKAY, "requests");
	}
}

static void flood_of_errors(void)
{
	uint64_t end = uk_plat_mono_ns() + LOAD_NS;

	while (uk_plat_mono_ns() < end && !vbd.why[0]) {
		for (unsigned int i = 0; i < N_SLOTS; i++)
			disk_put(BLKIF_OP_READ, 11, UINT64_MAX - i);
		disk_expect(N_SLOTS, BLKIF_RSP_ERROR, "sectors beyond the disk");
	}
}

/* ---- xenstore ---- */

static void node_flood(void)
{
	uint64_t end = uk_plat_mono_ns() + LOAD_NS;

	while (uk_plat_mono_ns() < end && !vbd.why[0])
		link_set_state(&vbd, XenbusStateConnected);
}

static void state_flapping(void)
{
	static const char *const states[] = {
		"6", "1", "3", "4", "5", "2", "x", "", "99999999999999999999", "4 ", "-1", "0", "3",
	};
	uint64_t end = uk_plat_mono_ns() + LOAD_NS;

	for (unsigned int i = 0; uk_plat_mono_ns() < end && !vbd.why[0]; i++)
		link_write(&vbd, "state", states[i % UK_ARRAY_SIZE(states)]);
	link_set_state(&vbd, XenbusStateClosed);
}

/* ---- All of them ---- */

enum after { LOST, KEPT };

static const struct {
	const char *name;
	void (*run)(void);
	enum after after;
	bool is_persistent;
} attacks[] = {
	{ "bad_segments", bad_segments, KEPT, false },
	{ "bad_sectors", bad_sectors, KEPT, true },
	{ "unknown_operations", unknown_operations, KEPT, false },
	{ "bad_indirect", bad_indirect, KEPT, false },
	{ "bad_persistent_indirect", bad_indirect, KEPT, true },
	{ "changing_segments", changing_segments, KEPT, false },
	{ "changing_persistent_segments", changing_segments, KEPT, true },
	{ "bad_discards", bad_discards, KEPT, false },
	{ "index_jump", index_jump, LOST, false },
	{ "index_back", index_back, LOST, true },
	{ "jump_of_a_second_ring", jump_of_a_second_ring, LOST, false },
	{ "wrong_grants", wrong_grants, KEPT, false },
	{ "wrong_persistent_grants", wrong_grants, KEPT, true },
	{ "revoked_grants", revoked_grants, KEPT, false },
	{ "foreign_grants", foreign_grants, KEPT, false },
	{ "revoked_ring", revoked_ring, KEPT, false },
	{ "many_persistent_grants", many_persistent_grants, LOST, true },
	{ "event_storm", event_storm, KEPT, false },
	{ "flood", flood, KEPT, true },
	{ "flood_of_errors", flood_of_errors, KEPT, false },
	{ "node_flood", node_flood, KEPT, false },
	{ "state_flapping", state_flapping, LOST, false },
	{ "bad_nodes", bad_nodes, LOST, false },
	{ "bad_ring_pages", bad_ring_pages, LOST, false },
	{ "bad_queues", bad_queues, LOST, false },
};

static void look(enum after after)
{
	if (after == LOST && !link_wait(&vbd, XenbusStateClosed, 15))
		link_complain(&vbd, "the connection is not lost: state %u", link_be_state(&vbd));
	if (after == LOST || vbd.why[0])
		return;
	disk_put(BLKIF_OP_READ, 1, 0);
	disk_expect(1, BLKIF_RSP_OKAY, "honest reads");
}

static void attack(unsigned int i)
{
	vbd.why[0] = '\0';
	is_persistent = attacks[i].is_persistent;
	disk_connect();
	uk_console_printf("attack: %s: begins\n", attacks[i].name);
	if (!vbd.why[0])
		attacks[i].run();
	look(attacks[i].after);
	link_reopen(&vbd);
	uk_console_printf("attack: %s: %s\n", attacks[i].name, vbd.why[0] ? vbd.why : "ok");
}

int main(void)
{
	if (only && !strcmp(only, "computing"))
		link_compute();
	disk_init();
	do {
		for (unsigned int i = 0; i < UK_ARRAY_SIZE(attacks); i++)
			if (!only || !strcmp(only, attacks[i].name))
				attack(i);
	} while (only);
	uk_console_printf("attacks: done\n");
	for (;;)
		uk_thread_block_until(UK_FOREVER);
}
