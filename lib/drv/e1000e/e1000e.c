/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Intel's 82574L as a network device: reset, interrupt, and the thread that
 * does the work. The interrupt stays off while there is work, which also silences
 * the card's line.
 */
#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/arch/barrier.h>
#include <uk/boot.h>
#include <uk/param.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/restart.h>
#include <uk/thread.h>

#include "e1000e_priv.h"

#define VENDOR_INTEL 0x8086
#define DEVICE_82574L 0x10d3

#define RESET_MS 10
#define GONE UINT32_MAX
/* QEMU's card says so. Up to 7.2 it makes IP fragments instead of TCP segments */
#define SUBSYSTEM_QEMU 0x00008086
#define MTU_BYTES 1500

static const char *tso = "auto";
UK_PARAM(e1000e_tso, "e1000e.tso", UK_PARAM_STR, &tso,
	 "whether the card cuts large packets: on, off; auto: on, but not in QEMU");

static const struct uk_netdev_ops ops = {
	.send = e1000e_send,
	.forget = e1000e_forget,
};

static void on_interrupt(void *arg)
{
	struct e1000e *nic = arg;

	e1000e_write(nic, REG_IMC, UINT32_MAX);
	nic->has_work = true;
	uk_wait_wake_one(&nic->work);
}

static void look_at_link(struct e1000e *nic)
{
	bool is_up = e1000e_read(nic, REG_STATUS) & STATUS_LU;

	if (is_up != nic->is_link_up)
		uk_pr_info("e1000e: %s: the link is %s\n", nic->dev.name, is_up ? "up" : "down");
	nic->is_link_up = is_up;
}

static void serve(void *arg)
{
	struct e1000e *nic = arg;
	uint32_t causes;

	look_at_link(nic);
	for (;;) {
		e1000e_write(nic, REG_IMS, INT_RXQ0 | INT_TXQ0 | INT_OTHER | INT_RX_TX | INT_LSC);
		uk_wait_event(&nic->work, nic->has_work);
		nic->has_work = false;
		/* Acknowledges them; what comes from here on interrupts again */
		causes = e1000e_read(nic, REG_ICR);
		e1000e_write(nic, REG_ICR, causes);
		if (causes & INT_LSC)
			look_at_link(nic);
		do {
			e1000e_tx_poll(nic);
			uk_thread_yield();
		} while (e1000e_rx_poll(nic) == RX_BUDGET);
	}
}

/* ---- Start ---- */

static void reset(struct e1000e *nic)
{
	e1000e_write(nic, REG_IMC, UINT32_MAX);
	e1000e_write(nic, REG_CTRL, e1000e_read(nic, REG_CTRL) | CTRL_RST);
	for (unsigned int ms = 0; ms < RESET_MS; ms++) {
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
		if (!(e1000e_read(nic, REG_CTRL) & CTRL_RST))
			break;
	}
	e1000e_write(nic, REG_IMC, UINT32_MAX);
	e1000e_write(nic, REG_CTRL, e1000e_read(nic, REG_CTRL) | CTRL_SLU);
	for (unsigned int i = 0; i < 128; i++)
		e1000e_write(nic, REG_MTA + 4 * i, 0);
}

/* The image starts again: the card is to write to memory no more */
static void on_restart(void *arg)
{
	struct e1000e *nic = arg;

	uint64_t deadline_ns = uk_plat_mono_ns() + UK_RESTART_STOP_NS;
	uint32_t control;

	e1000e_write(nic, REG_CTRL, e1000e_read(nic, REG_CTRL) | CTRL_RST);
	do {
		uk_arch_relax();
		control = e1000e_read(nic, REG_CTRL);
	} while (control & CTRL_RST && control != GONE && uk_plat_mono_ns() < deadline_ns);
	uk_pci_disable_at_stop(nic->pci);
}

static int read_mac(struct e1000e *nic)
{
	uint32_t low = e1000e_read(nic, REG_RAL), high = e1000e_read(nic, REG_RAH);

	memcpy(nic->dev.mac, &low, 4);
	memcpy(nic->dev.mac + 4, &high, 2);
	return high & RAH_VALID && !(nic->dev.mac[0] & 1) ? 0 : -ENODEV;
}

static int attach(struct e1000e *nic)
{
	static unsigned int n_cards;
	const uint8_t *mac = nic->dev.mac;

	uk_snprintf(nic->dev.name, sizeof(nic->dev.name), "e1000e%u", n_cards++);
	uk_pr_info("e1000e: %s: %s, %02x:%02x:%02x:%02x:%02x:%02x\n", nic->dev.name,
		   nic->pci->name, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	nic->dev.n_buffers = CONFIG_LIBE1000E_BUFFERS;
	return uk_netdev_attach_card(&nic->dev);
}

static int start(struct e1000e *nic)
{
	enum uk_pci_irq_kind kind;
	int err;

	reset(nic);
	nic->at_restart.fn = on_restart;
	nic->at_restart.arg = nic;
	uk_restart_at_stop(&nic->at_restart);
	err = read_mac(nic);
	if (!err)
		err = uk_pci_irq(nic->pci, on_interrupt, nic, &kind);
	if (err)
		return err;
	e1000e_write(nic, REG_IVAR, kind == UK_PCI_IRQ_MSIX ? IVAR_ALL_TO_0 : 0);
	err = e1000e_tx_init(nic);
	if (!err)
		err = e1000e_rx_init(nic);
	if (!err)
		err = attach(nic);
	if (!err && !uk_thread_create(nic->dev.name, serve, nic, 0))
		err = -ENOMEM;
	return err;
}

static bool can_cut(const struct uk_pci_dev *pci)
{
	if (!strcmp(tso, "auto"))
		return uk_pci_read(pci, UK_PCI_SUBSYSTEM, 4) != SUBSYSTEM_QEMU;
	return !strcmp(tso, "on");
}

static int e1000e_probe(struct uk_pci_dev *pci)
{
	struct e1000e *nic = uk_calloc(1, sizeof(*nic));
	size_t len;
	int err;

	if (!nic)
		return -ENOMEM;
	nic->pci = pci;
	nic->dev.ops = &ops;
	nic->dev.mtu_bytes = MTU_BYTES;
	nic->dev.can = UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_CSUM4 | UK_NETDEV_CAN_CSUM6;
	if (can_cut(pci))
		nic->dev.can |= UK_NETDEV_CAN_GSO4 | UK_NETDEV_CAN_GSO6;
	uk_wait_init(&nic->work);
	nic->regs = uk_pci_map_bar(pci, 0, &len);
	if (!nic->regs || len < REGS_END) {
		uk_free(nic);
		return -ENODEV;
	}
	uk_pci_enable(pci);
	err = start(nic);
	/* After this the card may have our addresses: its memory stays */
	if (err)
		e1000e_write(nic, REG_CTRL, e1000e_read(nic, REG_CTRL) | CTRL_RST);
	return err;
}

static const struct uk_pci_id ids[] = {
	{ VENDOR_INTEL, DEVICE_82574L, 0 },
	{ 0, 0, 0 },
};

static struct uk_pci_driver driver = {
	.name = "e1000e",
	.ids = ids,
	.probe = e1000e_probe,
};

static int e1000e_init(void)
{
	uk_pci_register(&driver);
	return 0;
}

UK_INIT_BUS(e1000e_init);
