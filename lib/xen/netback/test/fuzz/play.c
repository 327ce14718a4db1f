/* SPDX-License-Identifier: BSD-3-Clause */
/* Plays the actions of an input. */
#include "fuzz.h"

#include <string.h>

#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/thread.h>

static const char *const nodes[] = {
	"tx-ring-ref", "rx-ring-ref", "event-channel", "event-channel-tx", "event-channel-rx",
	"request-rx-copy", "feature-rx-notify", "feature-sg", "feature-gso-tcpv4",
	"feature-gso-tcpv6", "feature-no-csum-offload", "feature-ipv6-csum-offload",
	"multi-queue-num-queues", "request-multicast-control", "queue-0/tx-ring-ref",
	"queue-0/rx-ring-ref", "queue-0/event-channel", "queue-0/event-channel-tx",
	"queue-0/event-channel-rx", "queue-1/tx-ring-ref", "queue-1/rx-ring-ref",
	"queue-1/event-channel", "queue-1/event-channel-tx", "queue-1/event-channel-rx",
	"queue-3/tx-ring-ref", "queue-3/rx-ring-ref", "queue-3/event-channel", "mac", "backend",
	"backend-id", "xdp-headroom", "state/below",
};

static unsigned int get_queue(struct uk_frontsim_input *in, const struct hostile *h)
{
	return uk_frontsim_get(in) % h->fe.n_queues;
}

/* ---- Sending ---- */

static void put_slot(struct hostile *h, struct uk_frontsim_input *in, unsigned int q)
{
	unsigned int page = uk_frontsim_get(in) % FE_TX_PAGES;
	uint16_t offset = uk_frontsim_get2(in), size = uk_frontsim_get2(in);
	uint16_t flags = uk_frontsim_get(in);

	if (model_has_tx_room(h, q))
		fe_tx_slot(&h->fe, q, page, offset, size, flags, uk_frontsim_get2(in));
}

static void put_extra(struct hostile *h, struct uk_frontsim_input *in, unsigned int q)
{
	uint8_t type = uk_frontsim_get(in), flags = uk_frontsim_get(in);
	struct netif_extra_info *extra;

	if (!model_has_tx_room(h, q))
		return;
	extra = fe_tx_extra(&h->fe, q, type, flags);
	extra->u.gso.type = uk_frontsim_get(in);
	extra->u.gso.size = uk_frontsim_get2(in);
}

/* A word of the last slot, which is not published yet. */
static void put_word(struct hostile *h, struct uk_frontsim_input *in, unsigned int q)
{
	const struct fe_queue *queue = &h->fe.queues[q];
	unsigned int word = uk_frontsim_get(in) % 3;

	if (h->models[q].tx_published != queue->tx_prod)
		queue->tx->entries[(queue->tx_prod - 1) % FE_RING_SIZE * 3 + word] =
			uk_frontsim_get4(in);
}

static void push(struct hostile *h, unsigned int q)
{
	model_publish(h, q);
	fe_tx_push(&h->fe, q);
}

static void receiver(unsigned int to, uint8_t *mac)
{
	static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 }, group[6] = { 1, 0, 0x5e };
	const uint8_t *const macs[] = {
		wire.dev.mac, other.addr, hostiles[0].fe.addr, hostiles[1].fe.addr, all, group,
		(const uint8_t *)"\2\0\0\0\0\1", (const uint8_t *)"\0\0\0\0\0\0",
	};

	memcpy(mac, macs[to % UK_ARRAY_SIZE(macs)], 6);
}

/* Bits of a packet's flags beside NETTXF_*: bits 0 and 1 are theirs */
#define IS_GSO 8
#define IS_IPV6 16
#define IS_SPOOFED 32
#define IS_VLAN 64

static void make_packet(struct hostile *h, unsigned int to, unsigned int len, uint8_t flags)
{
	uint8_t mac[6];

	receiver(to, mac);
	uk_pktsim_tcp(h->fe.tx_data, len, mac, flags & IS_SPOOFED ? other.addr : h->fe.addr,
		   (uint16_t)to);
	if (flags & IS_IPV6) {
		memcpy(h->fe.tx_data + 12, "\x86\xdd\x60", 3);
		h->fe.tx_data[20] = 6;
	}
	if (flags & IS_VLAN)
		memcpy(h->fe.tx_data + 12, "\x81\0\0\1\x08\0", 6);
}

static void put_packet(struct hostile *h, unsigned int q, unsigned int len, uint8_t flags,
		       uint16_t gso)
{
	uint16_t own = flags & (NETTXF_csum_blank | NETTXF_data_validated);
	struct netif_extra_info *extra;

	own |= len > UK_PAGE_SIZE ? NETTXF_more_data : 0;
	fe_tx_slot(&h->fe, q, 0, 0, (uint16_t)len, own | (flags & IS_GSO ? NETTXF_extra_info : 0),
		   (uint16_t)h->fe.queues[q].tx_prod);
	if (flags & IS_GSO) {
		extra = fe_tx_extra(&h->fe, q, XEN_NETIF_EXTRA_TYPE_GSO, 0);
		extra->u.gso.type = flags & IS_IPV6 ? XEN_NETIF_GSO_TYPE_TCPV6
						    : XEN_NETIF_GSO_TYPE_TCPV4;
		extra->u.gso.size = gso;
	}
	for (unsigned int page = 1; page * UK_PAGE_SIZE < len; page++) {
		unsigned int left = len - page * (unsigned int)UK_PAGE_SIZE;

		fe_tx_slot(&h->fe, q, page, 0, (uint16_t)UK_MIN(left, (unsigned int)UK_PAGE_SIZE),
			   left > UK_PAGE_SIZE ? NETTXF_more_data : 0,
			   (uint16_t)h->fe.queues[q].tx_prod);
	}
}

static void put_packets(struct hostile *h, struct uk_frontsim_input *in, unsigned int q)
{
	unsigned int to = uk_frontsim_get(in), len = uk_frontsim_get2(in);
	uint8_t flags = uk_frontsim_get(in);
	uint16_t gso = uk_frontsim_get2(in);
	unsigned int n = 1 + uk_frontsim_get(in) % 64;

	make_packet(h, to, len, flags);
	while (n-- && h->fe.queues[q].tx_prod - h->fe.queues[q].tx_rsp_cons < FE_RING_SIZE - 18)
		put_packet(h, q, len, flags, gso);
	push(h, q);
}

/* ---- Receiving ---- */

static void post(struct hostile *h, unsigned int q, unsigned int n)
{
	while (n-- && model_has_rx_room(h, q))
		fe_rx_post(&h->fe, q, 1);
}

static void post_ref(struct hostile *h, unsigned int q, uint32_t ref)
{
	grant_ref_t *at = &h->fe.rx_refs[h->fe.queues[q].rx_prod % FE_RX_PAGES], good = *at;

	if (!model_has_rx_room(h, q))
		return;
	*at = ref;
	fe_rx_post(&h->fe, q, 1);
	*at = good;
}

static void send_from_wire(struct hostile *h, struct uk_frontsim_input *in)
{
	unsigned int len = UK_MAX(uk_frontsim_get2(in), 60u);
	uint8_t flags = uk_frontsim_get(in);
	uint16_t gso = (uint16_t)UK_MAX(uk_frontsim_get2(in), 64u);
	unsigned int n = 1 + uk_frontsim_get(in) % 64;
	bool is_gso = flags & IS_GSO && len > 54u + gso;

	if (!is_gso)
		len = UK_MIN(len, 1514u);
	while (n--)
		wire_send(&h->fe, len, flags & 4 && len < 4096 ? 400 : 4096, is_gso ? gso : 0,
			  is_gso || flags & 1 ? UK_NET_CSUM_BLANK : 0);
}

/* ---- Lies ---- */

static void move_index(struct hostile *h, struct uk_frontsim_input *in, unsigned int q)
{
	struct fe_queue *queue = &h->fe.queues[q];
	unsigned int which = uk_frontsim_get(in);
	struct uk_xen_ring_wire *ring = which & 4 ? queue->rx : queue->tx;
	uint32_t *const fields[] = {
		&ring->req_prod, &ring->req_event, &ring->rsp_prod, &ring->rsp_event,
	};

	*fields[which & 3] += (uint32_t)(int16_t)uk_frontsim_get2(in);
	if (which & 4)
		h->models[q].is_rx_clean = false;
	else
		h->models[q].is_tx_clean = false;
	uk_xensim_port_kick(which & 4 ? queue->rx_port : queue->tx_port);
}

static void change_byte(struct hostile *h, struct uk_frontsim_input *in, unsigned int q)
{
	bool is_rx = uk_frontsim_get(in) & 1;
	unsigned int at = uk_frontsim_get2(in) % UK_PAGE_SIZE;
	struct fe_queue *queue = &h->fe.queues[q];

	((uint8_t *)(is_rx ? queue->rx : queue->tx))[at] = uk_frontsim_get(in);
	if (is_rx)
		h->models[q].is_rx_clean = false;
	else
		h->models[q].is_tx_clean = false;
}

/* Its slots may be in the rings, or a packet of it under way. */
static void revoke(struct hostile *h, unsigned int page)
{
	unsigned int rx = page % FE_RX_PAGES;

	if (!(page & 128)) {
		must(uk_frontsim_end_grant(&h->fe.tx_refs[page % FE_TX_PAGES]));
		return;
	}
	must(uk_frontsim_end_grant(&h->fe.rx_refs[rx]));
	if (h->revoked >> rx & 1)
		return;
	h->revoked |= 1ull << rx;
	memset(h->fe.rx_data + rx * UK_PAGE_SIZE, 0x5a, UK_PAGE_SIZE);
}

static void kick(const struct hostile *h, struct uk_frontsim_input *in, unsigned int q)
{
	bool is_rx = uk_frontsim_get(in) & 1;
	unsigned int n = uk_frontsim_get(in);

	uk_frontsim_storm(is_rx ? h->fe.queues[q].rx_port : h->fe.queues[q].tx_port, n);
}

static void write_node(struct hostile *h, struct uk_frontsim_input *in)
{
	unsigned int i = uk_frontsim_get(in) % UK_ARRAY_SIZE(nodes);
	char own[16], text[96];

	uk_snprintf(own, sizeof(own), "%u", strstr(nodes[i], "event") ? h->fe.queues[0].tx_port :
		    strstr(nodes[i], "tx-") ? h->fe.queues[0].tx_ref : h->fe.queues[0].rx_ref);
	uk_frontsim_get_text(in, own, text, sizeof(text));
	fe_write(&h->fe, nodes[i], text);
}

static void write_state(struct hostile *h, struct uk_frontsim_input *in)
{
	char text[96];

	uk_frontsim_get_text(in, "4", text, sizeof(text));
	fe_set_state(&h->fe, text);
	life_lose_track(h);
}

/* ---- All of them ---- */

static void act_on_queue(struct hostile *h, struct uk_frontsim_input *in)
{
	unsigned int q = get_queue(in, h);

	switch (in->action) {
	case FUZZ_SLOT:
		put_slot(h, in, q);
		break;
	case FUZZ_EXTRA:
		put_extra(h, in, q);
		break;
	case FUZZ_WORD:
		put_word(h, in, q);
		break;
	case FUZZ_PUSH:
		push(h, q);
		break;
	case FUZZ_PACKET:
		put_packets(h, in, q);
		break;
	case FUZZ_POST:
		post(h, q, uk_frontsim_get(in));
		break;
	case FUZZ_POST_REF:
		post_ref(h, q, uk_frontsim_get4(in));
		break;
	case FUZZ_INDEX:
		move_index(h, in, q);
		break;
	case FUZZ_BYTE:
		change_byte(h, in, q);
		break;
	default:
		kick(h, in, q);
		break;
	}
}

static void act_as(struct hostile *h, struct uk_frontsim_input *in)
{
	uint8_t byte;

	switch (in->action) {
	case FUZZ_REVOKE:
		revoke(h, uk_frontsim_get(in));
		break;
	case FUZZ_TIME:
		uk_thread_sleep_ns(UK_NSEC_PER_USEC << uk_frontsim_get(in) % 22);
		break;
	case FUZZ_WIRE:
		send_from_wire(h, in);
		break;
	case FUZZ_RELEASE:
		uk_pktsim_clear(&wire);
		break;
	case FUZZ_PEER:
		exchange(uk_frontsim_get2(in));
		break;
	case FUZZ_NODE:
		write_node(h, in);
		break;
	case FUZZ_STATE:
		write_state(h, in);
		break;
	case FUZZ_LIFE:
		byte = uk_frontsim_get(in);
		life_change(h, byte % UK_FRONTSIM_N_LIVES, uk_frontsim_get(in));
		break;
	default:
		act_on_queue(h, in);
		break;
	}
}

void act(struct uk_frontsim_input *in)
{
	struct hostile *h = &hostiles[in->who];

	if (!h->is_there)
		life_start(h, 0);
	model_collect(h);
	act_as(h, in);
}
