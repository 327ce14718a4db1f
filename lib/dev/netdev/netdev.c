/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which devices there are, and the way of a packet between them: it comes in
 * (uk_netdev_receive), the switch decides (uk_netdev_send), it waits in its
 * device's `pending`, and all that a batch led to is sent when the batch ends.
 *
 * A device's send() and a packet's done() may send more: that is appended and
 * sent in the next round of the same batch.
 */
#include "netdev_priv.h"

#include <errno.h>

#include <uk/arch/page.h>
#include <uk/assert.h>
#include <uk/print.h>

const struct uk_net_switch *netdev_switch;

static struct uk_list devices = UK_LIST_INIT(devices);
/* Devices with pending packets */
static struct uk_list dirty = UK_LIST_INIT(dirty);
static bool is_in_batch;

static const char *const drop_names[UK_NET_N_DROPS] = {
	[UK_NET_DROP_MALFORMED] = "malformed",
	[UK_NET_DROP_HEADERS] = "headers",
	[UK_NET_DROP_SPOOFED] = "spoofed",
	[UK_NET_DROP_NO_MEMORY] = "no-memory",
	[UK_NET_DROP_QUEUE_FULL] = "queue-full",
	[UK_NET_DROP_STALLED] = "stalled",
	[UK_NET_DROP_TOO_LONG] = "too-long",
	[UK_NET_DROP_PEER] = "peer",
	[UK_NET_DROP_RATE] = "rate",
	[UK_NET_DROP_NOWHERE] = "nowhere",
	[UK_NET_DROP_FILTERED] = "filtered",
};

const char *uk_net_drop_name(enum uk_net_drop why)
{
	return drop_names[why];
}

const char *uk_netdev_name(const struct uk_netdev *dev)
{
	return dev->name;
}

const uint8_t *uk_netdev_mac(const struct uk_netdev *dev)
{
	return dev->mac;
}

const struct uk_net_stats *uk_netdev_stats(const struct uk_netdev *dev)
{
	return &dev->stats;
}

struct uk_netdev *uk_netdev_next(const struct uk_netdev *prev)
{
	struct uk_list *node = prev ? prev->devices.next : devices.next;

	return node == &devices ? NULL : UK_LIST_ENTRY(node, struct uk_netdev, devices);
}

void uk_netdev_drop(struct uk_netdev *dev, struct uk_net_pkt *pkt, enum uk_net_drop why)
{
	dev->stats.drops[why]++;
	pkt->done(pkt);
}

/* ---- Sending ---- */

static void enqueue(struct uk_netdev *dev, struct uk_net_pkt *pkt)
{
	if (!dev->is_up) {
		uk_netdev_drop(dev, pkt, UK_NET_DROP_NOWHERE);
		return;
	}
	uk_list_add_tail(&dev->pending, &pkt->node);
	if (!uk_list_is_linked(&dev->dirty))
		uk_list_add_tail(&dirty, &dev->dirty);
}

static void send_one(struct uk_netdev *dev)
{
	struct uk_list pkts = UK_LIST_INIT(pkts);

	netdev_adapt_finish(dev);
	uk_list_splice_tail(&pkts, &dev->sending);
	if (!uk_list_is_empty(&pkts))
		dev->ops->send(dev, &pkts);
	/* What came while it stood in the round */
	if (!uk_list_is_empty(&dev->pending) && !uk_list_is_linked(&dev->dirty))
		uk_list_add_tail(&dirty, &dev->dirty);
}

/* What is pending now; send() and done() may make more of it. */
static void send_round(void)
{
	struct uk_list round = UK_LIST_INIT(round);
	struct uk_netdev *dev;
	struct uk_list *node;

	uk_list_splice_tail(&round, &dirty);
	UK_LIST_FOREACH(dev, &round, dirty) {
		uk_list_splice_tail(&dev->sending, &dev->pending);
		netdev_adapt_begin(dev);
	}
	netdev_adapt_fetch();
	while ((node = uk_list_pop(&round)))
		send_one(UK_LIST_ENTRY(node, struct uk_netdev, dirty));
}

/* @return whether it began: the caller then ends it. */
static bool begin_batch(void)
{
	if (is_in_batch)
		return false;
	is_in_batch = true;
	return true;
}

static void end_batch(void)
{
	while (!uk_list_is_empty(&dirty))
		send_round();
	is_in_batch = false;
}

void uk_netdev_send(struct uk_netdev *dev, struct uk_net_pkt *pkt)
{
	bool is_first = begin_batch();

	enqueue(dev, pkt);
	if (is_first)
		end_batch();
}

/*
 * All but the last device get copies. What lies behind the head is copied once;
 * when it is in another domain it is fetched at the end of the batch.
 */
static void send_copies(struct uk_netdev *const *devs, unsigned int n, struct uk_net_pkt *pkt,
			struct netdev_buf *buf)
{
	size_t len = pkt->len_bytes - pkt->head_bytes;

	for (unsigned int i = 0; i < n; i++) {
		struct uk_net_pkt *copy = netdev_copy_new(devs[i], pkt, buf);

		if (!copy) {
			devs[i]->stats.drops[UK_NET_DROP_NO_MEMORY]++;
			continue;
		}
		if (buf)
			netdev_copy_set_frags(copy, len);
		enqueue(devs[i], copy);
	}
}

static void send_shared(struct uk_netdev *const *devs, unsigned int n, struct uk_net_pkt *pkt)
{
	struct netdev_buf *buf = netdev_buf_get(pkt->len_bytes - pkt->head_bytes, NULL);

	if (!buf) {
		for (unsigned int i = 0; i < n; i++)
			devs[i]->stats.drops[UK_NET_DROP_NO_MEMORY]++;
		pkt->done(pkt);
		return;
	}
	send_copies(devs, n, pkt, buf);
	if (buf->refs > 1 && netdev_is_foreign(pkt)) {
		netdev_adapt_want(buf, pkt);
	} else {
		if (buf->refs > 1)
			netdev_gather(pkt, buf->bytes);
		pkt->done(pkt);
	}
	netdev_buf_put(buf);
}

void uk_netdev_send_to(struct uk_netdev *const *devs, unsigned int n, struct uk_net_pkt *pkt)
{
	bool is_first = begin_batch();

	if (!n) {
		pkt->done(pkt);
	} else if (n > 1 && pkt->n_frags) {
		send_shared(devs, n, pkt);
	} else {
		send_copies(devs, n - 1, pkt, NULL);
		enqueue(devs[n - 1], pkt);
	}
	if (is_first)
		end_batch();
}

/* ---- Receiving ---- */

static void drop_all(struct uk_netdev *dev, struct uk_list *pkts, enum uk_net_drop why)
{
	struct uk_list *node;

	while ((node = uk_list_pop(pkts)))
		uk_netdev_drop(dev, UK_LIST_ENTRY(node, struct uk_net_pkt, node), why);
}

/* What every driver promises; those who take packets apart rely on it. */
static bool is_sound(const struct uk_net_pkt *pkt)
{
	uint32_t len = pkt->head_bytes;

	if (len < ETH_HEADER_BYTES || len > UK_NET_HEAD_BYTES || pkt->n_frags > UK_NET_MAX_FRAGS)
		return false;
	for (unsigned int i = 0; i < pkt->n_frags; i++) {
		if (pkt->frags[i].offset + pkt->frags[i].len_bytes > UK_PAGE_SIZE)
			return false;
		len += pkt->frags[i].len_bytes;
	}
	return len == pkt->len_bytes && len <= UK_NET_MAX_BYTES;
}

void uk_netdev_receive(struct uk_netdev *dev, struct uk_list *pkts)
{
	struct uk_net_pkt *pkt;

	uk_bug_on(!begin_batch());
	UK_LIST_FOREACH(pkt, pkts, node) {
		uk_assert(is_sound(pkt));
		dev->stats.in_packets++;
		dev->stats.in_bytes += pkt->len_bytes;
	}
	if (dev->is_up)
		netdev_switch->input(dev, pkts);
	else
		drop_all(dev, pkts, UK_NET_DROP_NOWHERE);
	end_batch();
}

/* ---- Coming and going ---- */

void uk_net_switch_register(const struct uk_net_switch *sw)
{
	uk_bug_on(netdev_switch);
	netdev_switch = sw;
}

int uk_netdev_attach(struct uk_netdev *dev, const char *network, char *why)
{
	int err;

	why[0] = '\0';
	dev->stats = (struct uk_net_stats) { 0 };
	dev->port = NULL;
	dev->n_copies = dev->n_buf_pages = dev->n_lent = 0;
	uk_list_init(&dev->pending);
	uk_list_init(&dev->sending);
	uk_list_init(&dev->dirty);
	uk_list_init(&dev->devices);
	if (!netdev_switch) {
		uk_snprintf(why, UK_NET_WHY_BYTES, "this image has no network switch");
		return -ENODEV;
	}
	err = netdev_switch->attach(dev, network, why);
	if (err)
		return err;
	uk_list_add_tail(&devices, &dev->devices);
	dev->is_up = true;
	return 0;
}

void uk_netdev_detach(struct uk_netdev *dev)
{
	struct uk_netdev *other;

	/* Nothing is pending outside of a batch */
	uk_bug_on(is_in_batch);
	dev->is_up = false;
	uk_list_del(&dev->devices);
	netdev_switch->detach(dev);
	UK_LIST_FOREACH(other, &devices, devices)
		if (other->ops->forget)
			other->ops->forget(other, dev);
}
