/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests that make no sense, and grants that are none. */
#include "disk.h"

#include <uk/print.h>
#include <uk/util.h>
#include <uk/xen/gnttab.h>

void bad_segments(void)
{
	disk_put(BLKIF_OP_READ, 0, 0);
	disk_put(BLKIF_OP_READ, 12, 0);
	disk_put(BLKIF_OP_READ, 255, 0);
	disk_put(BLKIF_OP_READ, 1, 0)->seg[0].last_sect = 8;
	disk_put(BLKIF_OP_READ, 1, 0)->seg[0].first_sect = 255;
	disk_put(BLKIF_OP_READ, 2, 0)->seg[1].first_sect = 9;
	disk_expect(6, BLKIF_RSP_ERROR, "bad segments");
}

static const uint64_t beyond[] = {
	UINT64_MAX, UINT64_MAX - 7, 1ull << 55, 1ull << 63, UINT32_MAX,
};

void bad_sectors(void)
{
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(beyond); i++) {
		disk_put(BLKIF_OP_WRITE, 1, beyond[i]);
		disk_put(BLKIF_OP_READ, 11, beyond[i]);
	}
	disk_expect(2 * UK_ARRAY_SIZE(beyond), BLKIF_RSP_ERROR, "sectors beyond the disk");
}

void unknown_operations(void)
{
	for (unsigned int i = 0; i < 20; i++)
		disk_put((uint8_t)(100 + i), (uint8_t)i, i);
	disk_expect(20, BLKIF_RSP_EOPNOTSUPP, "unknown operations");
}

/* ---- Segments in a page of their own ---- */

void bad_indirect(void)
{
	static const uint16_t n_segs[] = { 0, DISK_N_SEGS + 1, 512, 513, UINT16_MAX };
	static const uint8_t ops[] = { BLKIF_OP_INDIRECT, BLKIF_OP_FLUSH_DISKCACHE, 255 };
	unsigned int n = 0;
	int ref;

	disk_segs(&ref);
	disk_put_indirect(BLKIF_OP_WRITE, DISK_N_SEGS, 0, ref);
	disk_expect(1, BLKIF_RSP_OKAY, "good indirect requests");
	for (; n < UK_ARRAY_SIZE(n_segs); n++)
		disk_put_indirect(BLKIF_OP_READ, n_segs[n], 0, ref);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(ops); i++, n++)
		disk_put_indirect(ops[i], 1, 0, ref);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(beyond); i++, n++)
		disk_put_indirect(BLKIF_OP_WRITE, DISK_N_SEGS, beyond[i], ref);
	disk_put_indirect(BLKIF_OP_READ, 1, 0, 4000);
	disk_put_indirect(BLKIF_OP_READ, 1, 0, -1);
	disk_expect(n + 2, BLKIF_RSP_ERROR, "bad indirect requests");
	disk_segs(&ref)[DISK_N_SEGS - 1].last_sect = 8;
	disk_put_indirect(BLKIF_OP_WRITE, DISK_N_SEGS, 0, ref);
	disk_expect(1, BLKIF_RSP_ERROR, "bad segments in a page");
	disk_segs(&ref)[DISK_N_SEGS - 1].gref = 4001;
	disk_put_indirect(BLKIF_OP_READ, DISK_N_SEGS, 0, ref);
	disk_expect(1, BLKIF_RSP_ERROR, "bad references in a page");
}

/* Good and bad in turn, until the answers are there: which they are is chance. */
static void change_until_answered(volatile struct blkback_wire_seg *segs)
{
	static const struct blkback_wire_seg bad[] = {
		{ .gref = 4002, .first_sect = 255, .last_sect = 255 },
		{ .gref = UINT32_MAX, .last_sect = 7 },
		{ .first_sect = 7 },
	};
	const struct blkback_wire_seg good = { .gref = (uint32_t)page_ref, .last_sect = 7 };
	uint64_t end = uk_plat_mono_ns() + LOAD_NS;

	while (!link_wait_answers(&vbd, 0, N_SLOTS, 0) && uk_plat_mono_ns() < end)
		for (unsigned int i = 0; i < 2 * DISK_N_SEGS; i++)
			segs[i % DISK_N_SEGS] = i < DISK_N_SEGS ? bad[i % UK_ARRAY_SIZE(bad)] : good;
}

void changing_segments(void)
{
	uint64_t end = uk_plat_mono_ns() + LOAD_NS;
	unsigned int n_ok = 0, n_errors = 0;

	while (uk_plat_mono_ns() < end && !vbd.why[0]) {
		struct blkback_wire_seg *segs;
		int ref;

		segs = disk_segs(&ref);
		for (unsigned int i = 0; i < N_SLOTS; i++)
			disk_put_indirect(i % 2 ? BLKIF_OP_READ : BLKIF_OP_WRITE, DISK_N_SEGS, 0, ref);
		link_push(&vbd, 0);
		change_until_answered(segs);
		n_ok += disk_count(N_SLOTS, BLKIF_RSP_OKAY);
		n_errors += N_SLOTS;
	}
	n_errors -= n_ok;
	uk_console_printf("changed in time: %u of %u requests\n", n_errors, n_ok + n_errors);
	if (!n_ok || !n_errors)
		link_complain(&vbd, "%u of %u requests changed in time", n_errors, n_ok + n_errors);
}

/* ---- Discards ---- */

static void put_discard(uint64_t sector, uint64_t n_sectors, uint8_t flag)
{
	struct blkback_wire_discard *req = (void *)disk_put(BLKIF_OP_DISCARD, 0, sector);

	req->nr_sectors = n_sectors;
	req->flag = flag;
}

void bad_discards(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(beyond); i++, n += 3) {
		put_discard(beyond[i], 8, 0);
		put_discard(8, beyond[i], BLKIF_DISCARD_SECURE);
		/* Their sum is 8 */
		put_discard(beyond[i], 8 - beyond[i], 0);
	}
	put_discard(0, 0, 0);
	disk_expect(n + 1, BLKIF_RSP_ERROR, "discards of what is not on the disk");
	put_discard(0, 8, 255);
	disk_expect(1, BLKIF_RSP_OKAY, "good discards");
}

/* ---- Grants ---- */

void wrong_grants(void)
{
	for (unsigned int round = 0; round < 10; round++) {
		for (unsigned int i = 0; i < N_SLOTS; i++)
			disk_put(i % 2 ? BLKIF_OP_READ : BLKIF_OP_WRITE, 2, 0)->seg[i % 2].gref =
				i % 3 ? 400 + i : UINT32_MAX - i;
		disk_expect(N_SLOTS, BLKIF_RSP_ERROR, "grants that are none");
	}
}

static void expect_grant_refused(int ref, bool is_taken_back, const char *what)
{
	if (is_taken_back)
		uk_gnttab_end((grant_ref_t)ref);
	disk_put(BLKIF_OP_READ, 1, 0)->seg[0].gref = (uint32_t)ref;
	disk_expect(1, BLKIF_RSP_ERROR, what);
	if (!is_taken_back)
		uk_gnttab_end((grant_ref_t)ref);
}

void revoked_grants(void)
{
	for (unsigned int i = 0; i < 20; i++)
		expect_grant_refused(uk_gnttab_grant(vbd.remote, page, false), true,
				     "grant that was taken back");
}

/* Offered to dom0, which is not our back end; and one that may not be written. */
void foreign_grants(void)
{
	expect_grant_refused(uk_gnttab_grant(0, page, false), false, "grant for another domain");
	expect_grant_refused(uk_gnttab_grant(vbd.remote, page, true), false, "read-only grant");
}
