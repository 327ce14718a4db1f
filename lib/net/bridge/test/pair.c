/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A driver in full: two devices, and what one sends comes in by the other. Here it
 * joins two bridges. doc/writing-a-driver.md walks through it.
 */
#include "ports.h"

#include <uk/test.h>
#include <uk/thread.h>
#include <uk/wait.h>

#define N_SLOTS 4
#define SLOT_BYTES 2048

struct slot {
	struct uk_net_pkt pkt;
	struct end *owner;
	uint8_t bytes[SLOT_BYTES] uk_aligned(SLOT_BYTES);	/* in one page */
};

struct end {
	struct uk_netdev dev;
	struct end *other;
	struct uk_list free;		/* slots for what is to come in */
	struct uk_list arrived;
	struct uk_wait_queue wq;
	struct uk_thread *thread;
	bool is_ending;
	struct slot slots[N_SLOTS];
};

static struct end ends[2];

static struct end *of(struct uk_netdev *dev)
{
	return UK_CONTAINER_OF(dev, struct end, dev);
}

/* Whoever had a packet of ours does not need it any more. */
static void slot_done(struct uk_net_pkt *pkt)
{
	struct slot *slot = UK_CONTAINER_OF(pkt, struct slot, pkt);

	uk_list_add(&slot->owner->free, &pkt->node);
}

/* Without CAN_FRAGS there is one fragment at most, without CAN_FOREIGN it is in
 * memory of ours; netdev keeps to mtu_bytes. */
static void copy_to(struct slot *slot, const struct uk_net_pkt *pkt)
{
	slot->pkt.n_frags = pkt->n_frags;
	slot->pkt.len_bytes = pkt->len_bytes;
	slot->pkt.head_bytes = pkt->head_bytes;
	memcpy(slot->pkt.head, pkt->head, pkt->head_bytes);
	if (!pkt->n_frags)
		return;
	memcpy(slot->bytes, pkt->frags[0].va, pkt->frags[0].len_bytes);
	slot->pkt.frags[0] = (struct uk_net_frag) {
		.va = slot->bytes,
		.offset = (uint16_t)((uintptr_t)slot->bytes % 4096),
		.len_bytes = pkt->frags[0].len_bytes,
	};
}

static void pair_send(struct uk_netdev *dev, struct uk_list *pkts)
{
	struct end *to = of(dev)->other;
	struct uk_list *node, *slot;

	while ((node = uk_list_pop(pkts))) {
		struct uk_net_pkt *pkt = UK_LIST_ENTRY(node, struct uk_net_pkt, node);

		slot = uk_list_pop(&to->free);
		if (!slot) {
			uk_netdev_drop(dev, pkt, UK_NET_DROP_QUEUE_FULL);
			continue;
		}
		copy_to(UK_LIST_ENTRY(slot, struct slot, pkt.node), pkt);
		uk_list_add_tail(&to->arrived, slot);
		pkt->done(pkt);
	}
	uk_wait_wake_one(&to->wq);
}

/* send() may not receive: that is for a thread of the device's own. */
static void pair_thread(void *arg)
{
	struct end *end = arg;

	while (!end->is_ending) {
		uk_wait_event(&end->wq, end->is_ending || !uk_list_is_empty(&end->arrived));
		uk_netdev_receive(&end->dev, &end->arrived);
	}
	end->thread = NULL;
	uk_wait_wake_all(&end->wq);
}

/* No packet waits here for longer than send() takes: no forget(). */
static const struct uk_netdev_ops ops = { .send = pair_send };

static int pair_start(struct end *end, struct end *other, const char *network)
{
	char why[UK_NET_WHY_BYTES];

	*end = (struct end) {
		.other = other,
		.dev = { .ops = &ops, .name = "pair", .mtu_bytes = 1500 },
	};
	uk_wait_init(&end->wq);
	uk_list_init(&end->free);
	uk_list_init(&end->arrived);
	for (unsigned int i = 0; i < N_SLOTS; i++) {
		end->slots[i].owner = end;
		end->slots[i].pkt.from = &end->dev;
		end->slots[i].pkt.done = slot_done;
		uk_list_add(&end->free, &end->slots[i].pkt.node);
	}
	end->thread = uk_thread_create("pair", pair_thread, end, 0);
	return uk_netdev_attach(&end->dev, network, why);
}

static void pair_stop(struct end *end)
{
	end->is_ending = true;
	uk_wait_wake_all(&end->wq);
	uk_wait_event(&end->wq, !end->thread);
	uk_netdev_detach(&end->dev);
}

static void let_them_run(void)
{
	for (int i = 0; i < 10; i++)
		uk_thread_yield();
}

UK_TEST(bridge, test_pair_of_devices_joins_two_bridges)
{
	struct fake far;
	char why[UK_NET_WHY_BYTES];

	ports_begin(2, 0);
	fake_init(&far, "far", 0x77, PORT_CAN);
	UK_EXPECT_EQ(uk_netdev_attach(&far.dev, "far", why), 0);
	UK_EXPECT_EQ(pair_start(&ends[0], &ends[1], ""), 0);
	UK_EXPECT_EQ(pair_start(&ends[1], &ends[0], "far"), 0);
	fake_receive(&ports[0], fake_frame(0xff, 0x11, 1514));
	let_them_run();
	UK_EXPECT_EQ(fake_take(&far), 1);
	UK_EXPECT_EQ(fake_take(&ports[1]), 1);
	/* Each bridge has learned who is behind the pair */
	fake_receive(&far, fake_frame(0x11, 0x77, 1000));
	let_them_run();
	UK_EXPECT_EQ(fake_take(&ports[0]), 1);
	UK_EXPECT_EQ(fake_take(&ports[1]), 0);
	/* Everything has been given back, and what is too much is dropped */
	for (unsigned int i = 0; i < N_SLOTS + 2; i++)
		fake_receive(&ports[0], fake_frame(0x77, 0x11, 60));
	UK_EXPECT_EQ(uk_netdev_stats(&ends[0].dev)->drops[UK_NET_DROP_QUEUE_FULL], 2);
	let_them_run();
	UK_EXPECT_EQ(fake_take(&far), N_SLOTS);
	pair_stop(&ends[0]);
	pair_stop(&ends[1]);
	fake_end(&far);
	ports_end();
}
