/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SATA controllers: one interrupt, which says of which ports. Disks only: no
 * optical drives, no port multipliers, no hot plug.
 */
#include <errno.h>

#include <uk/alloc.h>
#include <uk/arch/barrier.h>
#include <uk/arch/page.h>
#include <uk/boot.h>
#include <uk/param.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/thread.h>

#include "ahci_priv.h"

#define CLASS_AHCI 0x010601
#define BAR_AHCI 5
#define RESET_MS 1000
#define TIMEOUT_MS_MAX 600000

uint64_t ahci_timeout_ms = 30000;
UK_PARAM(ahci_timeout_ms, "ahci.timeout_ms", UK_PARAM_U64, &ahci_timeout_ms,
	 "when a disk that does not answer is reset, ms; a request fails after 3 resets");

static bool may_queue = true;
UK_PARAM(ahci_ncq, "ahci.ncq", UK_PARAM_BOOL, &may_queue,
	 "disks queue commands, if they can (NCQ)");

static void on_interrupt(void *arg)
{
	struct ahci *hba = arg;
	uint32_t ports = ahci_read(hba->regs, REG_IS);

	if (ports == GONE)
		return;
	for (uint32_t left = ports; left; left &= left - 1) {
		struct ahci_port *p = hba->ports[__builtin_ctz(left)];

		if (p)
			ahci_disk_poll(p);
	}
	ahci_write(hba->regs, REG_IS, ports);
}

static void stop(struct ahci *hba)
{
	uint64_t deadline_ns = uk_plat_mono_ns() + UK_RESTART_STOP_NS;
	uint32_t ghc;

	ahci_write(hba->regs, REG_GHC, GHC_AHCI | GHC_RESET);
	do {
		uk_arch_relax();
		ghc = ahci_read(hba->regs, REG_GHC);
	} while (ghc & GHC_RESET && ghc != GONE && uk_plat_mono_ns() < deadline_ns);
}

static void on_restart(void *arg)
{
	struct ahci *hba = arg;

	stop(hba);
	uk_pci_disable_at_stop(hba->pci);
}

static void on_exit(void *arg)
{
	stop(arg);
}

void ahci_fail(struct ahci *hba, int err)
{
	int still = uk_pci_disable(hba->pci);

	if (still)
		uk_pr_err("ahci: %s: it may yet write to memory, and the bus cannot be taken from "
			  "it (%d): commands under way are not ended\n", hba->pci->name, still);
	for (unsigned int i = 0; i < N_PORTS; i++)
		if (hba->ports[i])
			ahci_disk_fail(hba->ports[i], err, !still);
}

static int reset(struct ahci *hba)
{
	ahci_write(hba->regs, REG_GHC, GHC_AHCI);
	ahci_write(hba->regs, REG_GHC, GHC_AHCI | GHC_RESET);
	for (unsigned int ms = 0; ahci_read(hba->regs, REG_GHC) & GHC_RESET; ms++) {
		if (ms == RESET_MS)
			return -ENODEV;
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	}
	ahci_write(hba->regs, REG_GHC, GHC_AHCI);
	return 0;
}

static volatile uint8_t *port_regs(const struct ahci *hba, unsigned int i)
{
	return hba->regs + REG_PORTS + i * PORT_BYTES;
}

/* A reset has taken all links down: disks may have to be told to start, and say in some
 * time that they are there. @return the ports, of @ports, that have one. */
static uint32_t find_disks(const struct ahci *hba, uint32_t ports)
{
	uint64_t deadline_ns = uk_plat_mono_ns() + AHCI_LINK_NS;
	uint32_t found = 0;

	for (uint32_t left = ports; left; left &= left - 1)
		ahci_write(port_regs(hba, (unsigned int)__builtin_ctz(left)), PORT_CMD,
			   CMD_SPIN_UP | CMD_POWER);
	for (;;) {
		for (uint32_t left = ports & ~found; left; left &= left - 1) {
			unsigned int i = (unsigned int)__builtin_ctz(left);

			if (SSTS_PRESENT(ahci_read(port_regs(hba, i), PORT_SSTS)))
				found |= 1u << i;
		}
		if (found == ports || uk_plat_mono_ns() > deadline_ns)
			return found;
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	}
}

/* What is there is kept, what is not is a port that is never looked at again. */
static int add_port(struct ahci *hba, unsigned int i, uint32_t cap)
{
	struct ahci_port *p = uk_calloc(1, sizeof(*p));
	int err = p ? ahci_port_alloc(p) : -ENOMEM;

	if (err)
		return err;
	p->hba = hba;
	p->regs = port_regs(hba, i);
	p->n_slots = CAP_SLOTS(cap);
	err = ahci_port_start(p);
	if (!err && ahci_read(p->regs, PORT_SIGNATURE) != SIGNATURE_DISK)
		err = -ENODEV;
	if (!err)
		err = ahci_disk_add(p, cap & CAP_NCQ && may_queue);
	if (err)
		ahci_port_stop(p);
	else
		hba->ports[i] = p;
	if (err && err != -ENODEV)
		uk_pr_err("ahci: %s: port %u: the disk is not usable (%d)\n", hba->pci->name, i, err);
	return err == -ENOMEM ? err : 0;
}

/* Those whose registers lie in @len bytes */
static uint32_t ports_in(size_t len)
{
	size_t n = (len - REG_PORTS) / PORT_BYTES;

	return n < N_PORTS ? (1u << n) - 1 : UINT32_MAX;
}

static int start(struct ahci *hba, size_t len)
{
	uint32_t cap = ahci_read(hba->regs, REG_CAP), ports;
	int err = cap & CAP_64 ? reset(hba) : -ENODEV;

	if (!err)
		err = uk_pci_irq(hba->pci, on_interrupt, hba, NULL);
	if (err)
		return err;
	ports = ahci_read(hba->regs, REG_PI) & ports_in(len);
	ahci_write(hba->regs, REG_IS, UINT32_MAX);
	ahci_write(hba->regs, REG_GHC, GHC_AHCI | GHC_INTERRUPTS);
	hba->at_restart.fn = on_restart;
	hba->at_restart.arg = hba;
	uk_restart_at_stop(&hba->at_restart);
	if (uk_atexit(on_exit, hba))
		return -ENOMEM;
	for (ports = find_disks(hba, ports); ports && !err; ports &= ports - 1)
		err = add_port(hba, (unsigned int)__builtin_ctz(ports), cap);
	return err;
}

static int ahci_probe(struct uk_pci_dev *pci)
{
	struct ahci *hba = uk_calloc(1, sizeof(*hba));
	size_t len;
	int err;

	if (!hba)
		return -ENOMEM;
	hba->pci = pci;
	hba->regs = uk_pci_map_bar(pci, BAR_AHCI, &len);
	if (!hba->regs || len < REG_PORTS + PORT_BYTES) {
		uk_free(hba);
		return -ENODEV;
	}
	uk_pci_enable(pci);
	uk_pr_info("ahci: %s\n", pci->name);
	uk_blkdev_search(true);
	err = start(hba, len);
	uk_blkdev_search(false);
	/* After this the controller may have our addresses: its memory stays */
	if (err)
		stop(hba);
	return err;
}

static const struct uk_pci_id ids[] = {
	{ UK_PCI_ANY, UK_PCI_ANY, CLASS_AHCI },
	{ 0, 0, 0 },
};

static struct uk_pci_driver driver = { .name = "ahci", .ids = ids, .probe = ahci_probe };

static int ahci_init(void)
{
	if (!ahci_timeout_ms || ahci_timeout_ms > TIMEOUT_MS_MAX)
		ahci_timeout_ms = TIMEOUT_MS_MAX;
	uk_pci_register(&driver);
	uk_blkdev_expect();
	return 0;
}

UK_INIT_BUS(ahci_init);
