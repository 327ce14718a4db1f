/* SPDX-License-Identifier: BSD-3-Clause */
/* Registers and descriptors. Specification: Intel 82574 GbE Controller Family
 * Datasheet, chapters 7 and 10. */
#ifndef E1000E_HW_H
#define E1000E_HW_H

#include <stdint.h>

enum {
	REG_CTRL = 0x0000,
	REG_STATUS = 0x0008,
	REG_ICR = 0x00c0,
	REG_IMS = 0x00d0,
	REG_IMC = 0x00d8,
	REG_IVAR = 0x00e4,
	REG_RCTL = 0x0100,
	REG_TCTL = 0x0400,
	REG_TIPG = 0x0410,
	REG_RDBAL = 0x2800,
	REG_RDBAH = 0x2804,
	REG_RDLEN = 0x2808,
	REG_RDH = 0x2810,
	REG_RDT = 0x2818,
	REG_TDBAL = 0x3800,
	REG_TDBAH = 0x3804,
	REG_TDLEN = 0x3808,
	REG_TDH = 0x3810,
	REG_TDT = 0x3818,
	REG_TXDCTL = 0x3828,
	REG_RXCSUM = 0x5000,
	REG_MTA = 0x5200,		/* 128 words */
	REG_RAL = 0x5400,
	REG_RAH = 0x5404,
	REGS_END = 0x20000,
};

#define CTRL_SLU	(1u << 6)	/* set link up */
#define CTRL_RST	(1u << 26)
#define STATUS_LU	(1u << 1)

#define INT_LSC		(1u << 2)	/* the link has changed */
/* Of queue 0, and all other causes; as MSI-X entries have them */
#define INT_RXQ0	(1u << 20)
#define INT_TXQ0	(1u << 22)
#define INT_OTHER	(1u << 24)
/* The same without MSI-X: sent, few free, overrun, received */
#define INT_RX_TX	(1u << 0 | 1u << 4 | 1u << 6 | 1u << 7)

/* Receive queue 0, transmit queue 0, other: to entry 0 */
#define IVAR_ALL_TO_0	(1u << 3 | 1u << 11 | 1u << 19)

#define RCTL_EN		(1u << 1)
#define RCTL_UPE	(1u << 3)	/* all unicast frames */
#define RCTL_MPE	(1u << 4)	/* all multicast frames */
#define RCTL_BAM	(1u << 15)	/* broadcasts */
#define RCTL_SECRC	(1u << 26)	/* without check sequence */
#define RXCSUM_TUOFL	(1u << 9)

#define TCTL_EN		(1u << 1)
#define TCTL_PSP	(1u << 3)	/* fill up short frames */
#define TCTL_CT		(0x0fu << 4)
#define TCTL_COLD	(0x3fu << 12)
#define TIPG_DEFAULT	(8u | 8u << 10 | 6u << 20)
#define TXDCTL_COUNT	(1u << 22)
#define TXDCTL_GRAN	(1u << 24)
#define TXDCTL_WTHRESH_1 (1u << 16)

#define RAH_VALID	(1u << 31)

struct e1000e_rx_desc {
	uint64_t addr;
	uint16_t len_bytes;
	uint16_t csum;
	uint8_t status, errors;
	uint16_t special;
};

#define RX_DD		0x01
#define RX_EOP		0x02
#define RX_IXSM		0x04		/* ignore what is said of checksums */
#define RX_UDPCS	0x10
#define RX_TCPCS	0x20
#define RX_ERR_FRAME	0x97		/* CRC, symbol, sequence, carrier, data */
#define RX_ERR_TCPE	0x20

struct e1000e_tx_desc {
	union {
		uint64_t addr;
		struct {
			uint8_t ip_start, ip_csum;
			uint16_t ip_end;
			uint8_t l4_start, l4_csum;
			uint16_t l4_end;
		} context;
	};
	uint32_t command;		/* length, kind, command */
	uint8_t status;
	union {
		struct {
			uint8_t options;
			uint16_t special;
		} uk_packed;
		struct {
			uint8_t header_bytes;
			uint16_t segment_bytes;
		} uk_packed;
	};
};

#define TX_DATA		(1u << 20)	/* kind of descriptor; 0: context */
#define TX_CTX_TCP	(1u << 24)
#define TX_CTX_IPV4	(1u << 25)
#define TX_EOP		(1u << 24)
#define TX_IFCS		(1u << 25)	/* add the check sequence */
#define TX_TSE		(1u << 26)	/* cut */
#define TX_RS		(1u << 27)	/* report when done */
#define TX_DEXT		(1u << 29)
#define TX_DD		0x01
#define TX_OPT_IP	0x01
#define TX_OPT_L4	0x02

_Static_assert(sizeof(struct e1000e_rx_desc) == 16, "as the card has it");
_Static_assert(sizeof(struct e1000e_tx_desc) == 16, "as the card has it");

#endif /* E1000E_HW_H */
