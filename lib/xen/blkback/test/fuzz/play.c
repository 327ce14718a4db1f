/* SPDX-License-Identifier: BSD-3-Clause */
/* Plays the actions of an input. */
#include "fuzz.h"

#include <string.h>

#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/thread.h>

/* The last pages of data are those of an indirect request's segments, too. */
#define N_INDIRECT_PAGES 2
#define FIRST_INDIRECT_PAGE (FE_PAGES - N_INDIRECT_PAGES)

static const char *const nodes[] = {
	"ring-ref", "event-channel", "protocol", "feature-persistent", "ring-page-order",
	"ring-ref0", "ring-ref1", "ring-ref3", "num-ring-pages", "multi-queue-num-queues",
	"queue-0/ring-ref", "queue-0/event-channel", "queue-1/ring-ref", "queue-1/event-channel",
	"queue-0/ring-ref0", "queue-3/ring-ref", "virtual-device", "backend", "state/below",
	"ring-ref7", "ring-ref8", "queue-1/ring-ref0", "queue-1/ring-ref1", "queue-2/event-channel",
	"queue-3/ring-ref7", "queue-3/event-channel", "queue-4/ring-ref",
};

/* ---- Requests ---- */

static uint32_t *last_slot(const struct hostile *h)
{
	return fe_slot(&h->fe, h->fe.req_prod - 1);
}

static unsigned int slot_words(const struct hostile *h)
{
	return (h->fe.is_32bit ? sizeof(struct blkback_wire_req32)
			       : sizeof(struct blkback_wire_req64)) / sizeof(uint32_t);
}

/* The last request, which is not published yet, can still be changed. */
static bool is_open(struct hostile *h)
{
	return fuzz_owed(h)->published != h->fe.req_prod;
}

static struct blkback_wire_seg *last_seg(const struct hostile *h, unsigned int i)
{
	struct blkback_wire_req64 *req64 = (void *)last_slot(h);
	struct blkback_wire_req32 *req32 = (void *)last_slot(h);

	i %= BLKIF_MAX_SEGMENTS_PER_REQUEST;
	return h->fe.is_32bit ? &req32->seg[i] : &req64->seg[i];
}

static void put_request(struct hostile *h, struct uk_frontsim_input *in)
{
	uint8_t op = uk_frontsim_get(in), n = uk_frontsim_get(in);
	uint32_t sector = uk_frontsim_get4(in);

	if (model_has_room(h))
		fe_put(&h->fe, op, sector, n, uk_frontsim_get4(in));
}

static void change_seg(struct hostile *h, struct uk_frontsim_input *in)
{
	struct blkback_wire_seg *seg = last_seg(h, uk_frontsim_get(in));

	if (!is_open(h))
		return;
	seg->gref = h->fe.refs[uk_frontsim_get(in) % FE_PAGES];
	seg->first_sect = uk_frontsim_get(in);
	seg->last_sect = uk_frontsim_get(in);
}

static void change_word(struct hostile *h, struct uk_frontsim_input *in)
{
	unsigned int word = uk_frontsim_get(in) % slot_words(h);

	if (is_open(h))
		last_slot(h)[word] = uk_frontsim_get4(in);
}

/* As struct blkif_request_indirect of xen/io/blkif.h. @pages: bit n, the n-th one
 * is of segments, else it is none. */
static void put_indirect(struct hostile *h, struct uk_frontsim_input *in)
{
	uint8_t op = uk_frontsim_get(in);
	uint16_t n_segs = uk_frontsim_get2(in);
	uint32_t sector = uk_frontsim_get4(in), id = uk_frontsim_get4(in);
	unsigned int pages = uk_frontsim_get(in), shift = h->fe.is_32bit ? 4 : 0;
	char *slot;

	if (!model_has_room(h))
		return;
	fe_put(&h->fe, BLKIF_OP_INDIRECT, sector, 0, id);
	slot = (char *)last_slot(h);
	slot[1] = (char)op;
	memcpy(slot + 2, &n_segs, sizeof(n_segs));
	for (unsigned int i = 0; i < BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST; i++) {
		uint32_t ref = pages >> i & 1 ?
			h->fe.refs[FIRST_INDIRECT_PAGE + i % N_INDIRECT_PAGES] : i;

		memcpy(slot + 28 - shift + i * sizeof(ref), &ref, sizeof(ref));
	}
}

static void put_discard(struct hostile *h, struct uk_frontsim_input *in)
{
	uint32_t sector = uk_frontsim_get4(in);
	uint64_t n = uk_frontsim_get4(in);
	uint8_t flag = uk_frontsim_get(in);
	unsigned int at = offsetof(struct blkback_wire_discard, nr_sectors);

	if (!model_has_room(h))
		return;
	fe_put(&h->fe, BLKIF_OP_DISCARD, sector, flag, uk_frontsim_get4(in));
	memcpy((char *)last_slot(h) + at - (h->fe.is_32bit ? 4 : 0), &n, sizeof(n));
}

/* At any time, also while the request is served. */
static void change_indirect_seg(struct hostile *h, struct uk_frontsim_input *in)
{
	unsigned int i = uk_frontsim_get2(in) % (N_INDIRECT_PAGES * UK_PAGE_SIZE /
						 sizeof(struct blkback_wire_seg));
	struct blkback_wire_seg *seg =
		(void *)(h->fe.data + FIRST_INDIRECT_PAGE * UK_PAGE_SIZE + i * sizeof(*seg));

	if (h->revoked >> FIRST_INDIRECT_PAGE)
		return;
	seg->gref = h->fe.refs[uk_frontsim_get(in) % FE_PAGES];
	seg->first_sect = uk_frontsim_get(in);
	seg->last_sect = uk_frontsim_get(in);
}

static void push(struct hostile *h)
{
	model_publish(h);
	fe_push(&h->fe);
}

static void put_many(struct hostile *h, struct uk_frontsim_input *in)
{
	uint8_t op = uk_frontsim_get(in), n_segs = uk_frontsim_get(in);
	uint16_t sector = uk_frontsim_get2(in);
	unsigned int n = 1 + uk_frontsim_get(in) % fe_ring_size(&h->fe);

	while (n-- && model_has_room(h))
		fe_put(&h->fe, op, sector, n_segs % 12, h->fe.req_prod);
	push(h);
}

/* ---- Lies ---- */

static void move_index(struct hostile *h, struct uk_frontsim_input *in)
{
	struct uk_xen_ring_wire *ring = h->fe.ring;
	uint32_t *const fields[] = {
		&ring->req_prod, &ring->req_event, &ring->rsp_prod, &ring->rsp_event,
	};
	unsigned int which = uk_frontsim_get(in) & 3;

	*fields[which] += (uint32_t)(int16_t)uk_frontsim_get2(in);
	h->is_clean = false;
	uk_xensim_port_kick(h->fe.port);
}

static void change_byte(struct hostile *h, struct uk_frontsim_input *in)
{
	unsigned int at = uk_frontsim_get2(in) % UK_PAGE_SIZE;

	((uint8_t *)h->fe.ring)[at] = uk_frontsim_get(in);
	h->is_clean = false;
}

/* What is mapped stays, as on Xen. */
static void revoke(struct hostile *h, unsigned int page)
{
	char *bytes = h->fe.data + page * UK_PAGE_SIZE;

	if (h->revoked >> page & 1 || uk_xensim_page_is_mapped(bytes))
		return;
	must(uk_frontsim_end_grant(&h->fe.refs[page]));
	h->revoked |= 1u << page;
	memset(bytes, FUZZ_UNUSED_BYTE, UK_PAGE_SIZE);
}

static void write_node(struct hostile *h, struct uk_frontsim_input *in)
{
	const char *node = nodes[uk_frontsim_get(in) % UK_ARRAY_SIZE(nodes)];
	char own[16], text[96];

	uk_snprintf(own, sizeof(own), "%u", strstr(node, "event") ? h->fe.port : h->fe.ring_ref);
	uk_frontsim_get_text(in, own, text, sizeof(text));
	uk_frontsim_write_fe(&h->fe.sim, node, "%s", text);
	h->is_clean = false;	/* its next ring may be of another layout */
}

static void write_state(struct hostile *h, struct uk_frontsim_input *in)
{
	char text[96];

	uk_frontsim_get_text(in, "3", text, sizeof(text));
	fe_set_state(&h->fe, text);
	h->is_clean = false;
}

/* ---- All of them ---- */

static void act_on_ring(struct hostile *h, struct uk_frontsim_input *in)
{
	switch (in->action) {
	case FUZZ_REQ:
		put_request(h, in);
		break;
	case FUZZ_SEG:
		change_seg(h, in);
		break;
	case FUZZ_SEG_REF:
		if (is_open(h)) {
			struct blkback_wire_seg *seg = last_seg(h, uk_frontsim_get(in));

			seg->gref = uk_frontsim_get4(in);
		}
		break;
	case FUZZ_WORD:
		change_word(h, in);
		break;
	case FUZZ_INDIRECT:
		put_indirect(h, in);
		break;
	case FUZZ_ISEG:
		change_indirect_seg(h, in);
		break;
	case FUZZ_DISCARD:
		put_discard(h, in);
		break;
	case FUZZ_MANY:
		put_many(h, in);
		break;
	case FUZZ_INDEX:
		move_index(h, in);
		break;
	case FUZZ_BYTE:
		change_byte(h, in);
		break;
	default:
		push(h);
		break;
	}
}

static void complete(const struct hostile *h, struct uk_frontsim_input *in)
{
	unsigned int which = uk_frontsim_get(in), n = 1 + uk_frontsim_get(in) % 16;
	bool is_bad = uk_frontsim_get(in) & 1;

	while (n--)
		device_complete((unsigned int)(h - hostiles), which, is_bad);
}

static void act_as(struct hostile *h, struct uk_frontsim_input *in)
{
	uint8_t byte;

	switch (in->action) {
	case FUZZ_REVOKE:
		revoke(h, uk_frontsim_get(in) % FE_PAGES);
		break;
	case FUZZ_KICK:
		uk_frontsim_storm(h->fe.port, uk_frontsim_get(in));
		break;
	case FUZZ_TIME:
		uk_thread_sleep_ns(UK_NSEC_PER_USEC << uk_frontsim_get(in) % 22);
		break;
	case FUZZ_HOLD:
		device_hold((unsigned int)(h - hostiles), uk_frontsim_get(in) & 1);
		break;
	case FUZZ_COMPLETE:
		complete(h, in);
		break;
	case FUZZ_PEER:
		exchange(uk_frontsim_get(in));
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
	case FUZZ_RING:
		fe_use(&h->fe, uk_frontsim_get(in) % h->fe.n_rings);
		break;
	default:
		act_on_ring(h, in);
		break;
	}
}

void act(struct uk_frontsim_input *in)
{
	struct hostile *h = &hostiles[in->who];

	if (!h->is_there)
		life_start(h, in->who ? FUZZ_IS_SLOW : 0);
	model_collect(h);
	act_as(h, in);
}
