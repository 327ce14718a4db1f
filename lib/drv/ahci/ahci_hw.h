/* SPDX-License-Identifier: BSD-3-Clause */
/* Registers and memory of a controller. Specification: Serial ATA AHCI 1.3.1, ATA
 * command set (ACS-3). */
#ifndef AHCI_HW_H
#define AHCI_HW_H

#include <stdint.h>

#include <uk/util.h>

#define REG_CAP 0x00
#define REG_GHC 0x04
#define REG_IS 0x08
#define REG_PI 0x0c
#define REG_PORTS 0x100
#define PORT_BYTES 0x80
#define N_PORTS 32
#define GONE UINT32_MAX

#define CAP_SLOTS(cap) (((cap) >> 8 & 0x1f) + 1)
#define CAP_64 0x80000000u
#define CAP_NCQ 0x40000000u
#define GHC_RESET 1u
#define GHC_INTERRUPTS 2u
#define GHC_AHCI 0x80000000u

/* Of a port */
enum {
	PORT_LIST = 0x00,		/* 64 bits */
	PORT_RECEIVED = 0x08,		/* 64 bits */
	PORT_IS = 0x10,
	PORT_IE = 0x14,
	PORT_CMD = 0x18,
	PORT_TFD = 0x20,
	PORT_SIGNATURE = 0x24,
	PORT_SSTS = 0x28,
	PORT_SCTL = 0x2c,
	PORT_SERR = 0x30,
	PORT_SACT = 0x34,
	PORT_CI = 0x38,
};

#define CMD_START 0x1u
#define CMD_SPIN_UP 0x2u
#define CMD_POWER 0x4u
#define CMD_RECEIVE 0x10u
#define CMD_RECEIVES 0x4000u
#define CMD_RUNS 0x8000u
#define TFD_BUSY 0x88u			/* or wants data */
#define SSTS_PRESENT(ssts) (((ssts) & 0xf) == 3)
#define SCTL_RESET 0x1u
#define SIGNATURE_DISK 0x00000101u
/* A command is done, queued ones are, a fatal error of the bus or of the disk */
#define INT_DONE 0x1u
#define INT_QUEUED_DONE 0x8u
#define INT_ERRORS 0x78000000u

/* A command: in the list, and its table */
struct ahci_header {
	uint16_t flags, n_prds;
	uint32_t n_bytes;
	uint64_t table;
	uint32_t reserved[4];
};

#define HEADER_FIS_WORDS 5u
#define HEADER_WRITE 0x40u

#define N_PRDS 56

struct ahci_table {
	uint8_t fis[64];
	uint8_t atapi[16], reserved[48];
	struct {
		uint64_t addr;
		uint32_t reserved, len;		/* bytes - 1 */
	} prds[N_PRDS];
};

_Static_assert(sizeof(struct ahci_header) == 32, "AHCI 4.2.2");
_Static_assert(sizeof(struct ahci_table) == 1024, "four fill a page");

/* FIS from host to device */
#define FIS_HOST 0x27
#define FIS_COMMAND 0x80
#define DEVICE_LBA 0x40

#define ATA_IDENTIFY 0xec
#define ATA_READ_DMA_EXT 0x25
#define ATA_WRITE_DMA_EXT 0x35
#define ATA_FLUSH_EXT 0xea
#define ATA_READ_QUEUED 0x60	/* FPDMA: the count is where the features are, */
#define ATA_WRITE_QUEUED 0x61	/* the tag where the count is */
#define TAG_SHIFT 3
#define ATA_DATASET 0x06
#define DATASET_TRIM 1

/* Words of what identify returns */
#define ID_QUEUE_DEPTH 75
#define QUEUE_DEPTH(w) (((w) & 0x1f) + 1u)
#define ID_SATA 76
#define SATA_IS_VALID(w) ((w) != 0 && (w) != 0xffff)
#define SATA_NCQ 0x0100
#define ID_SUPPORTS 83
#define SUPPORTS_LBA48 0x0400
#define SUPPORTS_FLUSH_EXT 0x2000
#define ID_SECTORS 100			/* 64 bits */
#define ID_GEOMETRY 106
#define GEOMETRY_IS_VALID(w) (((w) & 0xc000) == 0x4000)
#define GEOMETRY_LARGE_PHYSICAL 0x2000
#define GEOMETRY_LARGE_LOGICAL 0x1000
#define ID_LOGICAL_WORDS 117		/* 32 bits */
#define ID_DATASET 169

#endif /* AHCI_HW_H */
