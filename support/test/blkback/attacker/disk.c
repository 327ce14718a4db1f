/* SPDX-License-Identifier: BSD-3-Clause */
#include "disk.h"

#include <string.h>

#include <uk/pages.h>
#include <uk/xen/gnttab.h>

struct link vbd = {
	.kind = "vbd", .n_rings = 1, .ready = XenbusStateInitialised,
};
uint8_t *page;
int page_ref;
bool is_persistent;

void disk_init(void)
{
	link_find(&vbd);
	page = uk_pages_alloc(0);
	page_ref = uk_gnttab_grant(vbd.remote, page, false);
}

void disk_offer(void)
{
	link_offer(&vbd);
	link_write_number(&vbd, "ring-ref", (unsigned int)vbd.refs[0]);
	link_write_number(&vbd, "event-channel", vbd.port);
	link_write(&vbd, "protocol", "x86_64-abi");
	link_write_number(&vbd, "feature-persistent", is_persistent);
}

void disk_connect(void)
{
	disk_offer();
	link_set_state(&vbd, vbd.ready);
	if (!link_wait(&vbd, XenbusStateConnected, 15))
		link_complain(&vbd, "state %u instead of a connection", link_be_state(&vbd));
	link_set_state(&vbd, XenbusStateConnected);
}

/* ---- Requests ---- */

static struct blkback_wire_req64 *slot(uint32_t i)
{
	return (struct blkback_wire_req64 *)vbd.rings[0]->entries + i % N_SLOTS;
}

static struct blkback_wire_seg good_seg(void)
{
	return (struct blkback_wire_seg) { .gref = (uint32_t)page_ref, .last_sect = 7 };
}

struct blkback_wire_req64 *disk_put(uint8_t op, uint8_t n_segs, uint64_t sector)
{
	struct blkback_wire_req64 *req = slot(vbd.prods[0]++);

	memset(req, 0, sizeof(*req));
	req->operation = op;
	req->nr_segments = n_segs;
	req->sector_number = sector;
	req->id = vbd.prods[0];
	for (unsigned int i = 0; i < n_segs && i < BLKIF_MAX_SEGMENTS_PER_REQUEST; i++)
		req->seg[i] = good_seg();
	return req;
}

struct blkback_wire_indirect *disk_put_indirect(uint8_t op, uint16_t n_segs, uint64_t sector,
						int ref)
{
	struct blkback_wire_indirect *req = (void *)disk_put(BLKIF_OP_INDIRECT, 0, sector);

	req->indirect_op = op;
	req->nr_segments = n_segs;
	for (unsigned int i = 0; i < BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST; i++)
		req->grefs[i] = (uint32_t)ref;
	return req;
}

struct blkback_wire_seg *disk_segs(int *ref)
{
	static struct blkback_wire_seg *segs;
	static int segs_ref;

	if (!segs) {
		segs = uk_pages_alloc(0);
		segs_ref = uk_gnttab_grant(vbd.remote, segs, false);
	}
	memset(segs, 0xee, UK_PAGE_SIZE);
	for (unsigned int i = 0; i < DISK_N_SEGS; i++)
		segs[i] = good_seg();
	*ref = segs_ref;
	return segs;
}

unsigned int disk_count(unsigned int n, int16_t status)
{
	unsigned int n_such = 0;

	link_push(&vbd, 0);
	if (!link_wait_answers(&vbd, 0, n, 10))
		link_complain(&vbd, "%u of %u answers", vbd.rings[0]->rsp_prod - vbd.conses[0], n);
	for (unsigned int i = 0; i < n; i++) {
		const struct blkback_wire_rsp *rsp = (const void *)slot(vbd.conses[0]++);

		n_such += rsp->status == status;
	}
	return n_such;
}

void disk_expect(unsigned int n, int16_t status, const char *what)
{
	unsigned int n_such = disk_count(n, status);

	if (n_such != n)
		link_complain(&vbd, "%u of %u %s are answered with %d", n_such, n, what, status);
}
