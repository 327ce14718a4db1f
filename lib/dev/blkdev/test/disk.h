/* SPDX-License-Identifier: BSD-3-Clause */
/* A disk in memory, and tables to write on it. */
#ifndef BLKDEV_TEST_DISK_H
#define BLKDEV_TEST_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uk/blkdev_driver.h>

#define DISK_BYTES (512 * 1024)

extern char disk_bytes[DISK_BYTES];
extern struct uk_blkdev disk;		/* "disk0" */
extern char disk_why[UK_BLK_WHY_BYTES];

/* An empty disk. Requests for the device's sectors from @bad_lba on fail. */
void disk_new(uint32_t sector_bytes);
extern uint64_t disk_bad_lba;

static inline uint64_t disk_lbas(void)
{
	return DISK_BYTES / disk.info.sector_bytes;
}

static inline char *disk_at(uint64_t lba)
{
	return disk_bytes + lba * disk.info.sector_bytes;
}

/* ---- gpt_make.c ---- */
struct gpt_entry {
	uint8_t kind[16], guid[16];
	uint64_t first, last, attributes;
	uint16_t label[36];
};

struct gpt_header {
	char signature[8];
	uint32_t revision, header_bytes, header_crc, reserved;
	uint64_t my_lba, other_lba, first_usable, last_usable;
	uint8_t guid[16];
	uint64_t entries_lba;
	uint32_t n_entries, entry_bytes, entries_crc;
} __attribute__((packed));

#define GPT_N 16

/* A protected disk with two tables of GPT_N entries: what is in gpt_entries, and
 * the numbers of gpt_head, with good checksums. */
extern struct gpt_entry gpt_entries[GPT_N];
extern struct gpt_header gpt_head;
void gpt_new(uint32_t sector_bytes);
void gpt_set(unsigned int number, uint64_t first, uint64_t last, const char *label);
void gpt_write(void);

/* Opens @target for reading or writing, and closes it. @return its sectors, or
 * -errno. */
long long disk_try(const char *target, bool is_readonly);

#endif /* BLKDEV_TEST_DISK_H */
