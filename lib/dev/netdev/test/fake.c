/* SPDX-License-Identifier: BSD-3-Clause */
#include "fake.h"

#include <string.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/assert.h>
#include <uk/print.h>
#include <uk/test.h>

#define MAX_PKTS 1024
#define PAGES_PER_PKT 17

struct fake_pkt {
	struct uk_net_pkt pkt;
	unsigned int slot;
	uint8_t *pages;			/* what lies behind the head */
};

unsigned int fake_n_pkts, fake_n_sent;

/* A grant reference leads to a packet and one of its pages. */
static struct fake_pkt *pkts_by_slot[MAX_PKTS];

/* ---- Packets ---- */

static void fake_done(struct uk_net_pkt *pkt)
{
	struct fake_pkt *fp = UK_CONTAINER_OF(pkt, struct fake_pkt, pkt);

	pkts_by_slot[fp->slot] = NULL;
	fake_n_pkts--;
	uk_free(fp->pages);
	uk_free(fp);
}

static void add_frag(struct fake_pkt *fp, size_t at, size_t len, bool is_foreign)
{
	struct uk_net_pkt *pkt = &fp->pkt;

	uk_bug_on(pkt->n_frags == UK_NET_MAX_FRAGS);
	pkt->frags[pkt->n_frags++] = (struct uk_net_frag) {
		.va = is_foreign ? NULL : fp->pages + at,
		.ref = (uint32_t)(fp->slot * PAGES_PER_PKT + at / UK_PAGE_SIZE),
		.offset = (uint16_t)(at % UK_PAGE_SIZE), .len_bytes = (uint16_t)len,
	};
}

static struct fake_pkt *new_pkt(void)
{
	struct fake_pkt *fp = uk_calloc(1, sizeof(*fp));

	uk_bug_on(!fp || fake_n_pkts == MAX_PKTS);
	while (pkts_by_slot[fp->slot])
		fp->slot++;
	pkts_by_slot[fp->slot] = fp;
	fake_n_pkts++;
	uk_list_init(&fp->pkt.node);
	fp->pkt.done = fake_done;
	return fp;
}

struct uk_net_pkt *fake_pkt(const uint8_t *bytes, size_t len, size_t head_bytes,
			    size_t frag_bytes, bool is_foreign)
{
	struct fake_pkt *fp = new_pkt();
	size_t rest, n;

	head_bytes = UK_MIN(head_bytes, len);
	rest = len - head_bytes;
	memcpy(fp->pkt.head, bytes, head_bytes);
	fp->pkt.head_bytes = (uint16_t)head_bytes;
	fp->pkt.len_bytes = (uint32_t)len;
	if (!rest)
		return &fp->pkt;
	fp->pages = uk_memalign(UK_PAGE_SIZE, rest);
	uk_bug_on(!fp->pages);
	memcpy(fp->pages, bytes + head_bytes, rest);
	for (size_t at = 0; at < rest; at += n) {
		n = UK_MIN(rest - at, frag_bytes);
		n = UK_MIN(n, UK_PAGE_SIZE - at % UK_PAGE_SIZE);
		add_frag(fp, at, n, is_foreign);
	}
	return &fp->pkt;
}

struct uk_net_pkt *fake_frame(uint8_t to, uint8_t from, size_t len)
{
	uint8_t bytes[1600] = { 2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 0x88, 0xb5 };

	if (to == 0xff)
		memset(bytes, 0xff, UK_NET_MAC_BYTES);
	for (size_t i = 14; i < len; i++)
		bytes[i] = (uint8_t)(i * 7);
	return fake_pkt(bytes, len, UK_NET_HEAD_BYTES, UK_PAGE_SIZE, false);
}

/* ---- The device ---- */

static struct fake *of(struct uk_netdev *dev)
{
	return UK_CONTAINER_OF(dev, struct fake, dev);
}

static const uint8_t *frag_bytes_at(const struct uk_net_frag *frag)
{
	if (frag->va)
		return frag->va;
	return pkts_by_slot[frag->ref / PAGES_PER_PKT]->pages +
	       frag->ref % PAGES_PER_PKT * UK_PAGE_SIZE + frag->offset;
}

static void record(struct fake *fake, const struct uk_net_pkt *pkt)
{
	struct fake_sent *sent = uk_calloc(1, sizeof(*sent) + pkt->len_bytes);
	size_t at = pkt->head_bytes;

	uk_bug_on(!sent);
	sent->pkt = *pkt;
	memcpy(sent->bytes, pkt->head, at);
	for (unsigned int i = 0; i < pkt->n_frags; i++) {
		const struct uk_net_frag *frag = &pkt->frags[i];

		UK_EXPECT(frag->offset + frag->len_bytes <= UK_PAGE_SIZE && frag->len_bytes);
		sent->is_foreign |= !frag->va;
		memcpy(sent->bytes + at, frag_bytes_at(frag), frag->len_bytes);
		at += frag->len_bytes;
	}
	UK_EXPECT_EQ(at, pkt->len_bytes);
	UK_EXPECT(!(pkt->flags & ~(UK_NET_CSUM_BLANK | UK_NET_CSUM_GOOD)));
	uk_list_add_tail(&fake->sent, &sent->node);
	fake->n_sent++;
	fake_n_sent++;
}

void fake_flush(struct fake *fake)
{
	struct uk_list *node;

	while ((node = uk_list_pop(&fake->queue))) {
		struct uk_net_pkt *pkt = UK_LIST_ENTRY(node, struct uk_net_pkt, node);

		record(fake, pkt);
		pkt->done(pkt);
	}
}

static void fake_send(struct uk_netdev *dev, struct uk_list *pkts)
{
	of(dev)->n_send_calls++;
	uk_list_splice_tail(&of(dev)->queue, pkts);
	if (!of(dev)->is_slow)
		fake_flush(of(dev));
}

static void fake_forget(struct uk_netdev *dev, const struct uk_netdev *from)
{
	struct uk_net_pkt *pkt, *next;

	UK_LIST_FOREACH_SAFE(pkt, next, &of(dev)->queue, node) {
		if (pkt->from != from)
			continue;
		uk_list_del(&pkt->node);
		pkt->done(pkt);
	}
}

static void fake_fetch(struct uk_netdev *dev, struct uk_net_pkt **pkts, unsigned int n,
		       void *const *to, bool *is_ok)
{
	of(dev)->n_fetch_calls++;
	for (unsigned int i = 0; i < n; i++) {
		uint8_t *at = to[i];

		is_ok[i] = !of(dev)->is_fetch_bad || of(dev)->n_fetched & 1;
		of(dev)->n_fetched++;
		for (unsigned int f = 0; is_ok[i] && f < pkts[i]->n_frags; f++) {
			memcpy(at, frag_bytes_at(&pkts[i]->frags[f]), pkts[i]->frags[f].len_bytes);
			at += pkts[i]->frags[f].len_bytes;
		}
		UK_EXPECT(pkts[i]->from == dev);
	}
}

static const struct uk_netdev_ops ops = {
	.send = fake_send, .forget = fake_forget, .fetch = fake_fetch,
};

void fake_init(struct fake *fake, const char *name, uint8_t last_of_mac, uint16_t can)
{
	*fake = (struct fake) {
		.dev = {
			.ops = &ops, .mac = { 2, 0, 0, 0, 0, last_of_mac }, .mtu_bytes = 1500,
			.can = can,
		},
	};
	uk_snprintf(fake->dev.name, sizeof(fake->dev.name), "%s", name);
	uk_list_init(&fake->queue);
	uk_list_init(&fake->sent);
}

void fake_attach(struct fake *fake, const char *name, uint8_t last_of_mac, uint16_t can)
{
	char why[UK_NET_WHY_BYTES];

	fake_init(fake, name, last_of_mac, can);
	if (uk_netdev_attach(&fake->dev, "", why))
		uk_test_error("%s: %s", name, why);
}

void fake_end(struct fake *fake)
{
	uk_netdev_detach(&fake->dev);
	fake_flush(fake);
	fake_take(fake);
}

struct fake_sent *fake_next(struct fake *fake)
{
	struct uk_list *node = uk_list_pop(&fake->sent);

	return node ? UK_LIST_ENTRY(node, struct fake_sent, node) : NULL;
}

void fake_sent_free(struct fake_sent *sent)
{
	fake_n_sent--;
	uk_free(sent);
}

unsigned int fake_take(struct fake *fake)
{
	struct fake_sent *sent;
	unsigned int n = 0;

	for (; (sent = fake_next(fake)); n++)
		fake_sent_free(sent);
	return n;
}

void fake_receive(struct fake *fake, struct uk_net_pkt *pkt)
{
	struct uk_list pkts = UK_LIST_INIT(pkts);

	pkt->from = &fake->dev;
	uk_list_add_tail(&pkts, &pkt->node);
	uk_netdev_receive(&fake->dev, &pkts);
}
