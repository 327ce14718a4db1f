/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets of our own, and the memory behind their heads. Both come out of one
 * limit. Descriptors have a quarter of it for themselves: they are few in a page,
 * and stay; buffers are whole pages, and go back but for a few.
 *
 * A guest may take its packets as slowly as it likes, so what waits for one guest
 * and for all of them has a bound, of either; an uplink has a part to itself, and
 * leaves half to others. Who keeps a buffer that several share is charged with all
 * of it.
 */
#include "netdev_priv.h"

#include <uk/arch/page.h>
#include <uk/pages.h>

#define MAX_COPY_PAGES (CONFIG_LIBNETDEV_COPY_PAGES / 4)
#define MAX_BUF_PAGES (CONFIG_LIBNETDEV_COPY_PAGES - MAX_COPY_PAGES)
#define MAX_CACHED_PAGES 16

struct copy {
	struct uk_net_pkt pkt;
	struct uk_netdev *dev;
	struct netdev_buf *buf;
};

#define PER_PAGE (UK_PAGE_SIZE / sizeof(struct copy))

struct netdev_pool netdev_pool = { .max_copies = MAX_COPY_PAGES * PER_PAGE };

static struct uk_list free_copies = UK_LIST_INIT(free_copies);
static struct uk_list cached = UK_LIST_INIT(cached);
static unsigned int n_copy_pages, n_cached;

/* ---- Buffers ---- */

static struct netdev_buf *take_pages(uint32_t n_pages)
{
	struct uk_list *node;

	if (n_pages == 1 && (node = uk_list_pop(&cached))) {
		n_cached--;
		return UK_LIST_ENTRY(node, struct netdev_buf, node);
	}
	return uk_pages_alloc_n(n_pages);
}

static void charge(struct uk_netdev *dev, uint32_t n_pages)
{
	if (dev)
		dev->n_buf_pages += n_pages;
}

static bool may_keep(const struct uk_netdev *dev, uint32_t n_pages)
{
	return dev->n_buf_pages + n_pages <= (dev->is_edge ? MAX_BUF_PAGES / 8
							   : MAX_BUF_PAGES / 2);
}

struct netdev_buf *netdev_buf_get(size_t len, struct uk_netdev *dev)
{
	uint32_t n_pages = (uint32_t)UK_DIV_ROUND_UP(sizeof(struct netdev_buf) + len,
						     UK_PAGE_SIZE);
	struct netdev_buf *buf;

	if (netdev_pool.n_buf_pages + n_pages >
	    (!dev || dev->is_edge ? MAX_BUF_PAGES * 3 / 4 : MAX_BUF_PAGES))
		return NULL;
	if (dev && !may_keep(dev, n_pages))
		return NULL;
	buf = take_pages(n_pages);
	if (!buf)
		return NULL;
	netdev_pool.n_buf_pages += n_pages;
	charge(dev, n_pages);
	buf->dev = dev;
	uk_list_init(&buf->node);
	buf->source = NULL;
	buf->refs = 1;
	buf->n_pages = n_pages;
	buf->is_bad = false;
	return buf;
}

void netdev_buf_put(struct netdev_buf *buf)
{
	if (--buf->refs)
		return;
	if (buf->source)
		buf->source->done(buf->source);
	netdev_pool.n_buf_pages -= buf->n_pages;
	charge(buf->dev, -buf->n_pages);
	if (buf->n_pages == 1 && n_cached < MAX_CACHED_PAGES) {
		uk_list_add(&cached, &buf->node);
		n_cached++;
	} else {
		uk_pages_free_n(buf, buf->n_pages);
	}
}

/* ---- Packets ---- */

static struct copy *of(const struct uk_net_pkt *pkt)
{
	return UK_CONTAINER_OF(pkt, struct copy, pkt);
}

static void count(struct uk_netdev *dev, int n)
{
	dev->n_copies += (unsigned int)n;
	netdev_pool.n_copies += (unsigned int)n;
	if (dev->is_edge)
		netdev_pool.n_edge_copies += (unsigned int)n;
}

/* What @dev is charged with for a copy that has @buf */
static uint32_t pages_of(const struct netdev_buf *buf)
{
	return buf && !buf->dev ? buf->n_pages : 0;
}

static bool may_have_one(const struct uk_netdev *dev, const struct netdev_buf *buf)
{
	const struct netdev_pool *pool = &netdev_pool;

	if (pages_of(buf) && !may_keep(dev, pages_of(buf)))
		return false;
	return !dev->is_edge || (dev->n_copies < pool->max_copies / 8 &&
				 pool->n_edge_copies < pool->max_copies * 3 / 4);
}

static void copy_done(struct uk_net_pkt *pkt)
{
	struct netdev_buf *buf = of(pkt)->buf;

	count(of(pkt)->dev, -1);
	charge(of(pkt)->dev, -pages_of(buf));
	uk_list_add(&free_copies, &pkt->node);
	if (buf)
		netdev_buf_put(buf);
}

static void make_copies(void)
{
	struct copy *copy;

	if (n_copy_pages == MAX_COPY_PAGES)
		return;
	copy = uk_pages_alloc(0);
	if (!copy)
		return;
	n_copy_pages++;
	for (unsigned int i = 0; i < PER_PAGE; i++)
		uk_list_add(&free_copies, &copy[i].pkt.node);
}

struct uk_net_pkt *netdev_copy_new(struct uk_netdev *dev, const struct uk_net_pkt *pkt,
				   struct netdev_buf *buf)
{
	struct uk_net_pkt *copy;

	if (!may_have_one(dev, buf))
		return NULL;
	if (uk_list_is_empty(&free_copies))
		make_copies();
	if (uk_list_is_empty(&free_copies))
		return NULL;
	copy = UK_LIST_ENTRY(uk_list_pop(&free_copies), struct uk_net_pkt, node);
	memcpy(copy, pkt, offsetof(struct uk_net_pkt, frags));
	memcpy(copy->head, pkt->head, pkt->head_bytes);
	uk_list_init(&copy->node);
	copy->from = NULL;
	copy->done = copy_done;
	copy->n_frags = 0;
	of(copy)->buf = buf;
	of(copy)->dev = dev;
	count(dev, 1);
	charge(dev, pages_of(buf));
	if (buf)
		buf->refs++;
	return copy;
}

void netdev_copy_set_frags(struct uk_net_pkt *copy, size_t len)
{
	const uint8_t *bytes = of(copy)->buf->bytes;
	size_t n;

	copy->n_frags = 0;
	for (; len; len -= n, bytes += n) {
		size_t offset = (uintptr_t)bytes % UK_PAGE_SIZE;

		n = UK_MIN(len, UK_PAGE_SIZE - offset);
		copy->frags[copy->n_frags++] = (struct uk_net_frag) {
			.va = bytes, .offset = (uint16_t)offset, .len_bytes = (uint16_t)n,
		};
	}
}

bool netdev_copy_is_bad(const struct uk_net_pkt *pkt)
{
	return pkt->done == copy_done && of(pkt)->buf && of(pkt)->buf->is_bad;
}

struct netdev_buf *netdev_buf_of(struct uk_netdev *dev, struct uk_net_pkt *pkt)
{
	struct netdev_buf *buf = netdev_buf_get(0, dev);

	if (buf)
		buf->source = pkt;
	return buf;
}

struct uk_net_pkt *uk_netdev_copy(struct uk_netdev *dev, const struct uk_net_pkt *pkt)
{
	size_t len = pkt->len_bytes - pkt->head_bytes;
	struct netdev_buf *buf = len ? netdev_buf_get(len, dev) : NULL;
	struct uk_net_pkt *copy;

	if (len && !buf)
		return NULL;
	copy = netdev_copy_new(dev, pkt, buf);
	if (copy && buf) {
		netdev_gather(pkt, buf->bytes);
		netdev_copy_set_frags(copy, len);
	}
	if (buf)
		netdev_buf_put(buf);
	return copy;
}

void netdev_gather(const struct uk_net_pkt *pkt, uint8_t *to)
{
	for (unsigned int i = 0; i < pkt->n_frags; i++) {
		memcpy(to, pkt->frags[i].va, pkt->frags[i].len_bytes);
		to += pkt->frags[i].len_bytes;
	}
}
