/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes GUID partition tables. */
#include "disk.h"

#include <string.h>

#include <uk/util.h>

struct gpt_entry gpt_entries[GPT_N];
struct gpt_header gpt_head;

static uint32_t crc32(const void *data, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (const uint8_t *p = data; len--; p++) {
		crc ^= *p;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

void gpt_new(uint32_t sector_bytes)
{
	disk_new(sector_bytes);
	memset(gpt_entries, 0, sizeof(gpt_entries));
	gpt_head = (struct gpt_header) {
		.signature = { 'E', 'F', 'I', ' ', 'P', 'A', 'R', 'T' },
		.revision = 0x10000, .header_bytes = 92, .first_usable = 8,
		.last_usable = disk_lbas() - 9, .n_entries = GPT_N, .entry_bytes = 128,
	};
}

void gpt_set(unsigned int number, uint64_t first, uint64_t last, const char *label)
{
	struct gpt_entry *e = &gpt_entries[number - 1];

	memset(e->kind, 1, sizeof(e->kind));
	for (unsigned int i = 0; i < sizeof(e->guid); i++)
		e->guid[i] = (uint8_t)(number * 16 + i);
	e->first = first;
	e->last = last;
	for (unsigned int i = 0; i < 36; i++)
		e->label[i] = i < strlen(label) ? (uint8_t)label[i] : 0;
}

static void write_table(uint64_t lba, uint64_t other, uint64_t entries_lba)
{
	struct gpt_header h = gpt_head;
	size_t len = UK_MIN((size_t)h.n_entries * h.entry_bytes, sizeof(gpt_entries));

	memcpy(disk_at(entries_lba), gpt_entries, len);
	h.my_lba = lba;
	h.other_lba = other;
	if (!h.entries_lba)
		h.entries_lba = entries_lba;
	h.entries_crc = crc32(gpt_entries, len);
	h.header_crc = crc32(&h, sizeof(h));
	memcpy(disk_at(lba), &h, sizeof(h));
}

void gpt_write(void)
{
	uint64_t last = disk_lbas() - 1;

	disk_bytes[446 + 4] = (char)0xee;
	disk_bytes[446 + 8] = 1;
	disk_bytes[446 + 12] = 1;
	disk_bytes[510] = 0x55;
	disk_bytes[511] = (char)0xaa;
	write_table(1, last, 2);
	write_table(last, 1, last - 4);
}
