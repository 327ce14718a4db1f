/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TAP devices of the host as network devices. The head of a packet is read
 * straight into its descriptor, what is behind it into pages of its own; it is
 * written from where it is, and then done.
 *
 * The descriptor is watched in event context, which only wakes the device's
 * thread, and not while that has work to do. The host's header is checked by
 * uk_net_vnet_hdr_apply().
 */
#include "tap_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/boot.h>
#include <uk/linuxu/fd.h>
#include <uk/linuxu/sys.h>
#include <uk/netdev_vnet_hdr.h>
#include <uk/pages.h>
#include <uk/param.h>
#include <uk/print.h>
#include <uk/thread.h>

#define MIN_FRAME_BYTES 14
/* Packets in one go, before others may run */
#define BUDGET 64
/* Until memory is asked for again */
#define SHORT_NS (10 * UK_NSEC_PER_MSEC)
#define N_PAGES 16			/* behind the head of the largest packet */
/* Header, head, pages or fragments */
#define MAX_VECS (2 + UK_NET_MAX_FRAGS)

static const char *names = "";
UK_PARAM(tap_devices, "tap.devices", UK_PARAM_STR, &names,
	 "TAP devices of the host that are network devices here: tap0,tap1");

struct tap;

struct tap_pkt {
	struct uk_net_pkt pkt;
	struct tap *tap;
	void *pages[N_PAGES];
};

struct tap {
	struct uk_netdev dev;
	int fd;
	struct uk_netdev_queue queue;	/* packets that the host has no room for */
	struct tap_pkt *next;		/* to be read into */
	unsigned int n_lent;
	bool is_dead, is_short;		/* of memory */
	struct uk_wait_queue work;
	bool has_work;
};

struct iovec {
	const void *base;
	size_t len_bytes;
};

static void on_ready(int fd, unsigned int events uk_unused, void *arg)
{
	struct tap *tap = arg;

	uk_linuxu_fd_del(fd);
	tap->has_work = true;
	uk_wait_wake_one(&tap->work);
}

/* The thread has nothing to do until the host has something. */
static void watch(struct tap *tap)
{
	unsigned int events = tap->queue.n_waiting ? UK_LINUXU_OUT : 0;

	if (tap->n_lent < CONFIG_LIBTAP_BUFFERS)
		events |= UK_LINUXU_IN;
	uk_linuxu_fd_del(tap->fd);
	if (events && !tap->is_dead && uk_linuxu_fd_add(tap->fd, events, on_ready, tap))
		uk_pr_err("tap: %s: more descriptors than can be watched\n", tap->dev.name);
}

/* ---- To the host ---- */

static enum uk_net_drop reason(ssize_t err)
{
	/* EIO: the interface is down */
	return err == -EIO ? UK_NET_DROP_NOWHERE : UK_NET_DROP_PEER;
}

/* struct uk_netdev_queue.start */
static bool start(struct uk_netdev_queue *q, struct uk_net_pkt *pkt)
{
	struct tap *tap = UK_CONTAINER_OF(q, struct tap, queue);
	struct iovec vecs[MAX_VECS];
	struct uk_net_vnet_hdr hdr;
	unsigned int n = 0;
	ssize_t done;

	uk_net_vnet_hdr_fill(&hdr, pkt);
	vecs[n++] = (struct iovec) { &hdr, sizeof(hdr) };
	vecs[n++] = (struct iovec) { pkt->head, pkt->head_bytes };
	for (unsigned int i = 0; i < pkt->n_frags; i++)
		vecs[n++] = (struct iovec) { pkt->frags[i].va, pkt->frags[i].len_bytes };
	done = uk_linuxu_call3(UK_LINUXU_NR_WRITEV, tap->fd, vecs, n);
	if (done == -EAGAIN)
		return false;
	if (done < 0)
		uk_netdev_drop(&tap->dev, pkt, reason(done));
	else
		pkt->done(pkt);
	return true;
}

static void tap_send(struct uk_netdev *dev, struct uk_list *pkts)
{
	struct tap *tap = UK_CONTAINER_OF(dev, struct tap, dev);

	uk_netdev_queue_send(&tap->queue, pkts);
	if (tap->queue.n_waiting)
		watch(tap);
}

static void tap_forget(struct uk_netdev *dev, const struct uk_netdev *from)
{
	uk_netdev_queue_forget(&UK_CONTAINER_OF(dev, struct tap, dev)->queue, from);
}

static const struct uk_netdev_ops ops = { .send = tap_send, .forget = tap_forget };

/* ---- From the host ---- */

static void free_pkt(struct tap_pkt *p)
{
	for (unsigned int i = 0; i < N_PAGES; i++)
		if (p->pages[i])
			uk_pages_free(p->pages[i], 0);
	uk_free(p);
}

static void pkt_done(struct uk_net_pkt *pkt)
{
	struct tap_pkt *p = UK_CONTAINER_OF(pkt, struct tap_pkt, pkt);
	struct tap *tap = p->tap;

	free_pkt(p);
	if (tap->n_lent-- < CONFIG_LIBTAP_BUFFERS)
		return;
	/* None was read for want of descriptors */
	tap->has_work = true;
	uk_wait_wake_one(&tap->work);
}

/* One to be read into, with room for the largest. @return NULL: no memory. */
static struct tap_pkt *next_pkt(struct tap *tap)
{
	struct tap_pkt *p = tap->next ? tap->next : uk_calloc(1, sizeof(*p));

	tap->next = p;
	for (unsigned int i = 0; p && i < N_PAGES; i++) {
		if (!p->pages[i])
			p->pages[i] = uk_pages_alloc(0);
		if (!p->pages[i])
			return NULL;
	}
	return p;
}

/* The pages that @p has no need of go on to the one that is read into next. */
static void keep_rest(struct tap *tap, struct tap_pkt *p)
{
	struct tap_pkt *next = uk_calloc(1, sizeof(*next));

	tap->next = next;
	for (unsigned int i = p->pkt.n_frags; next && i < N_PAGES; i++) {
		next->pages[i] = p->pages[i];
		p->pages[i] = NULL;
	}
}

/* Of @len bytes, read as next_pkt() has said. @return false: no packet. */
static bool make_packet(struct tap *tap, struct tap_pkt *p, const struct uk_net_vnet_hdr *hdr,
			size_t len)
{
	struct uk_net_pkt *pkt = &p->pkt;
	size_t left;

	if (len < MIN_FRAME_BYTES || len > UK_NET_MAX_BYTES)
		return false;
	p->tap = tap;
	uk_list_init(&pkt->node);
	pkt->from = &tap->dev;
	pkt->done = pkt_done;
	pkt->len_bytes = (uint32_t)len;
	pkt->head_bytes = (uint16_t)UK_MIN(len, (size_t)UK_NET_HEAD_BYTES);
	pkt->n_frags = 0;
	for (left = len - pkt->head_bytes; left; left -= pkt->frags[pkt->n_frags++].len_bytes)
		pkt->frags[pkt->n_frags] = (struct uk_net_frag) {
			.va = p->pages[pkt->n_frags],
			.len_bytes = (uint16_t)UK_MIN(left, (size_t)UK_PAGE_SIZE),
		};
	return uk_net_vnet_hdr_apply(hdr, pkt);
}

static ssize_t read_into(struct tap *tap, struct tap_pkt *p, struct uk_net_vnet_hdr *hdr)
{
	struct iovec vecs[2 + N_PAGES] = {
		{ hdr, sizeof(*hdr) }, { p->pkt.head, UK_NET_HEAD_BYTES },
	};

	for (unsigned int i = 0; i < N_PAGES; i++)
		vecs[2 + i] = (struct iovec) { p->pages[i], UK_PAGE_SIZE };
	return uk_linuxu_call3(UK_LINUXU_NR_READV, tap->fd, vecs, UK_ARRAY_SIZE(vecs));
}

/* @return whether there may be more. */
static bool receive_one(struct tap *tap, struct uk_list *pkts)
{
	struct uk_net_vnet_hdr hdr;
	struct tap_pkt *p;
	ssize_t n;

	if (tap->n_lent == CONFIG_LIBTAP_BUFFERS)
		return false;
	p = next_pkt(tap);
	tap->is_short = !p;
	if (!p)
		return false;
	n = read_into(tap, p, &hdr);
	if (n == -EAGAIN || n == -EINTR)
		return false;
	if (n < 0) {
		uk_pr_err("tap: %s: the host has taken it away (%s)\n", tap->dev.name,
			  uk_errname((int)n));
		tap->is_dead = true;
		return false;
	}
	if (n < (ssize_t)sizeof(hdr) || !make_packet(tap, p, &hdr, (size_t)n - sizeof(hdr))) {
		tap->dev.stats.drops[UK_NET_DROP_MALFORMED]++;
		return true;
	}
	keep_rest(tap, p);
	tap->n_lent++;
	uk_list_add_tail(pkts, &p->pkt.node);
	return true;
}

static void serve(void *arg)
{
	struct tap *tap = arg;

	for (;;) {
		struct uk_list pkts = UK_LIST_INIT(pkts);
		unsigned int n = 0;

		tap->has_work = false;
		uk_netdev_queue_run(&tap->queue);
		while (n < BUDGET && receive_one(tap, &pkts))
			n++;
		if (!uk_list_is_empty(&pkts))
			uk_netdev_receive(&tap->dev, &pkts);
		if (n == BUDGET || tap->is_short) {
			uk_thread_sleep_ns(tap->is_short ? SHORT_NS : 0);
			continue;
		}
		watch(tap);
		uk_wait_event(&tap->work, tap->has_work);
	}
}

/* ---- Start ---- */

static int open_one(const char *name)
{
	struct tap *tap = uk_calloc(1, sizeof(*tap));
	int err;

	if (!tap)
		return -ENOMEM;
	tap->fd = tap_open(name, tap->dev.mac, &tap->dev.mtu_bytes);
	if (tap->fd < 0) {
		err = tap->fd;
		uk_free(tap);
		return err;
	}
	tap->dev.ops = &ops;
	tap->dev.can = UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_CSUM4 | UK_NETDEV_CAN_CSUM6 |
		       UK_NETDEV_CAN_GSO4 | UK_NETDEV_CAN_GSO6;
	/* The host's end has that address: ours is another one */
	tap->dev.mac[UK_NET_MAC_BYTES - 1] ^= 1;
	strlcpy(tap->dev.name, name, sizeof(tap->dev.name));
	uk_wait_init(&tap->work);
	uk_netdev_queue_init(&tap->queue, &tap->dev, start);
	err = uk_netdev_attach_card(&tap->dev);
	if (!err && !uk_thread_create(tap->dev.name, serve, tap, 0))
		err = -ENOMEM;
	return err;
}

static int tap_init(void)
{
	int err = 0;

	for (const char *at = names; !err && *at; at += *at == ',') {
		size_t len = strcspn(at, ",");
		char name[TAP_NAME_BYTES] = "";

		if (!len || len >= sizeof(name)) {
			uk_pr_err("tap: tap.devices=%s: names of 1 to %d characters, with commas "
				  "between them\n", names, TAP_NAME_BYTES - 1);
			return -EINVAL;
		}
		memcpy(name, at, len);
		err = open_one(name);
		at += len;
	}
	return err == -ENODEV ? -ENXIO : err;
}

UK_INIT_LIB(tap_init);
