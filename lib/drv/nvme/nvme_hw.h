/* SPDX-License-Identifier: BSD-3-Clause */
/* What the controller knows: registers, commands, their completions.
 * Specification: NVM Express Base 1.4. Little endian, as we are. */
#ifndef NVME_HW_H
#define NVME_HW_H

#include <stdint.h>

#include <uk/util.h>

/* Registers */
#define REG_CAP 0x00		/* 64 bits */
#define REG_CC 0x14
#define REG_CSTS 0x1c
#define REG_AQA 0x24
#define REG_ASQ 0x28		/* 64 bits */
#define REG_ACQ 0x30		/* 64 bits */
#define REG_DOORBELLS 0x1000
#define N_DOORBELLS 4u		/* two of each queue */
#define GONE UINT32_MAX		/* what is not there any more reads as this */

#define CAP_ENTRIES(cap) (((cap) & 0xffff) + 1)
#define CAP_TIMEOUT_500MS(cap) ((cap) >> 24 & 0xff)
#define CAP_STRIDE(cap) (4u << ((cap) >> 32 & 0xf))
#define CAP_MIN_PAGE(cap) ((cap) >> 48 & 0xf)	/* 0: 4 KiB */

/* Enabled; pages of 4 KiB, entries of 64 and 16 bytes */
#define CC_ENABLED (1u | 6u << 16 | 4u << 20)
#define CC_SHUTDOWN (1u << 14)
#define CSTS_READY 1u
#define CSTS_FATAL 2u
#define CSTS_SHUTDOWN_MASK 0xcu
#define CSTS_SHUTDOWN_DONE 0x8u

/* Admin commands */
#define ADMIN_CREATE_SQ 0x01
#define ADMIN_GET_LOG 0x02
#define ADMIN_CREATE_CQ 0x05
#define ADMIN_IDENTIFY 0x06
#define ADMIN_SET_FEATURES 0x09
#define ADMIN_ASK_EVENT 0x0c

#define IDENTIFY_NAMESPACE 0
#define IDENTIFY_CONTROLLER 1
#define IDENTIFY_NAMESPACES 2
#define FEATURE_QUEUES 7
#define FEATURE_EVENTS 11
#define LOG_BYTES 4096u
#define QUEUE_CONTIGUOUS 1u
#define QUEUE_INTERRUPTS 2u

/* What an event is, from dword 0 of its completion */
#define EVENT_TYPE(dw0) ((dw0) & 7)
#define EVENT_INFO(dw0) ((dw0) >> 8 & 0xff)
#define EVENT_LOG(dw0) ((uint8_t)((dw0) >> 16))
#define EVENT_NOTICE 2
#define NOTICE_NAMESPACE 0

/* Commands */
#define CMD_FLUSH 0x00
#define CMD_WRITE 0x01
#define CMD_READ 0x02
#define CMD_WRITE_ZEROES 0x08
#define CMD_DATASET 0x09
#define DATASET_DEALLOCATE 4u
#define MAX_BLOCKS 65536u	/* of a command */

struct nvme_cmd {
	uint8_t opcode, flags;
	uint16_t id;
	uint32_t nsid;
	uint64_t reserved, metadata;
	uint64_t prp1, prp2;
	uint32_t dw10, dw11, dw12, dw13, dw14, dw15;
};

struct nvme_completion {
	uint32_t result, reserved;
	uint16_t sq_head, sq_id;
	uint16_t id;
	uint16_t status;		/* bit 0: phase */
};

/* Of a dataset command */
struct nvme_range {
	uint32_t attributes, n_blocks;
	uint64_t block;
};

_Static_assert(sizeof(struct nvme_cmd) == 64, "NVMe 4.2");
_Static_assert(sizeof(struct nvme_completion) == 16, "NVMe 4.6");
_Static_assert(sizeof(struct nvme_range) == 16, "NVMe 6.7");

/* Status, without its phase */
#define STATUS_CODE(s) ((s) & 0x7ff)	/* with its type */
#define STATUS_BAD_OPCODE 0x001
#define STATUS_WRITE_PROTECTED 0x020
#define STATUS_CAPACITY 0x081

/* Offsets in what identify returns */
#define ID_CTRL_MDTS 77
#define ID_CTRL_OAES 92
#define OAES_NAMESPACE 0x100u
#define ID_CTRL_ONCS 520
#define ID_CTRL_VWC 525
#define ONCS_DATASET 0x4
#define ONCS_WRITE_ZEROES 0x8

struct nvme_id_ns {
	uint64_t n_blocks, capacity, use;
	uint8_t features, n_formats, format;
	uint8_t pad1[64 - 27];
	uint16_t preferred_granularity;		/* from 64 on; blocks - 1 */
	uint8_t pad2[99 - 66];
	uint8_t attributes;
	uint8_t pad3[128 - 100];
	struct {
		uint16_t metadata_bytes;
		uint8_t block_shift, performance;
	} formats[16];
} uk_packed;

_Static_assert(__builtin_offsetof(struct nvme_id_ns, attributes) == 99, "NVMe 5.15.2");
_Static_assert(__builtin_offsetof(struct nvme_id_ns, formats) == 128, "NVMe 5.15.2");

#define NS_HAS_GRANULARITY 0x10
#define NS_IS_PROTECTED 0x01

#endif /* NVME_HW_H */
