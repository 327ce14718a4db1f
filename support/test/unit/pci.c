/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bus of a type="hvm" domain, on which nobody has given addresses: lib/dev/pci,
 * lib/drv/pci-native and pci.c of plat/xen/hvm, compiled for the host, on simulated
 * configuration space. Prints TAP.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../../../lib/dev/pci/irq.c"
#include "../../../lib/dev/pci/pci.c"
#include "../../../lib/drv/pci-native/assign.c"
#include "../../../lib/drv/pci-native/message.c"
#include "../../../lib/drv/pci-native/native.c"
#include "../../../plat/xen/hvm/pci.c"

#define MIB 0x100000ull
#define RAM 1
#define RESERVED 2
#define VENDOR 0x1234

/* ---- Devices ---- */

struct card {
	uint32_t sizes[UK_PCI_N_BARS];	/* 0: none, or the upper half */
	uint32_t flags[UK_PCI_N_BARS];
	uint8_t pin;
	bool is_lasting;		/* master for ever */
	uint32_t regs[64];
};

static struct card cards[32];

static uint32_t bar_mask(const struct card *c, unsigned int bar)
{
	if (bar && c->sizes[bar - 1] && (c->flags[bar - 1] & BAR_KIND_MASK) == BAR_KIND_64)
		return UINT32_MAX;
	return c->sizes[bar] ? -c->sizes[bar] : 0;
}

uint32_t native_pci_read(uint16_t addr, unsigned int reg)
{
	struct card *c = &cards[addr >> 3 & 31];

	if (addr >> 8 || addr & 7 || !c->regs[0])
		return UINT32_MAX;
	return reg < 256 ? c->regs[reg / 4] : UINT32_MAX;
}

void native_pci_write(uint16_t addr, unsigned int reg, uint32_t value)
{
	struct card *c = &cards[addr >> 3 & 31];
	unsigned int bar = (reg - UK_PCI_BAR0) / 4;

	if (reg >= UK_PCI_BAR0 && bar < UK_PCI_N_BARS)
		value = (value & bar_mask(c, bar)) | c->flags[bar];
	/* Status bits that are not set by writing */
	if (reg == UK_PCI_COMMAND)
		value = (value & 0xffff) | (c->regs[1] & 0xffff0000) |
			(c->is_lasting ? UK_PCI_COMMAND_MASTER : 0);
	if (reg < 256)
		c->regs[reg / 4] = value;
}

static struct card *plug(unsigned int slot, uint16_t device)
{
	struct card *c = &cards[slot];

	memset(c, 0, sizeof(*c));
	c->regs[0] = (uint32_t)device << 16 | VENDOR;
	return c;
}

static void give(struct card *c, unsigned int bar, uint32_t size, uint32_t flags)
{
	c->sizes[bar] = size;
	c->flags[bar] = flags;
	c->regs[UK_PCI_BAR0 / 4 + bar] = flags;
}

static uint64_t bar_of(const struct card *c, unsigned int bar)
{
	return c->regs[UK_PCI_BAR0 / 4 + bar] & ~c->flags[bar];
}

/* ---- The rest of the platform ---- */

static struct e820_entry map[E820_MAX];
static unsigned int n_map;
static uint32_t last_pin;

unsigned int hvm_memory_map(struct e820_entry *to)
{
	memcpy(to, map, sizeof(map));
	return n_map;
}

int native_pin(uint32_t pin, void (*handler)(void *arg), void *arg)
{
	(void)handler;
	(void)arg;
	last_pin = pin;
	return 0;
}

int uk_plat_msi_alloc(void (*handler)(void *arg), void *arg, struct uk_plat_msi *msi)
{
	(void)handler;
	(void)arg;
	*msi = (struct uk_plat_msi) { 0xfee00000, 34 };
	return 0;
}

volatile void *uk_plat_map_io(uint64_t pa, size_t len_bytes)
{
	(void)len_bytes;
	return (volatile void *)pa;
}

/* Devices stay */
void *uk_malloc(size_t size)
{
	static struct uk_pci_dev devs[64];
	static unsigned int n;

	return size == sizeof(devs[0]) && n < UK_ARRAY_SIZE(devs) ? &devs[n++] : NULL;
}

static char log_text[4096];

void uk_print(int level, const char *fmt, ...)
{
	size_t at = strlen(log_text);
	va_list ap;

	(void)level;
	va_start(ap, fmt);
	vsnprintf(log_text + at, sizeof(log_text) - at, fmt, ap);
	va_end(ap);
}

int uk_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

/* ---- Tests ---- */

static unsigned int n_tests, n_probed;
static struct uk_pci_dev *probed[32];

static int test_probe(struct uk_pci_dev *dev)
{
	probed[n_probed++] = dev;
	return 0;
}

static const struct uk_pci_id test_ids[] = {
	{ .vendor = VENDOR, .device = 1 },
	{ .vendor = 0 },
};

static struct uk_pci_driver test_driver = { .name = "test", .ids = test_ids, .probe = test_probe };

static void expect(const char *name, bool is_good)
{
	if (!is_good)
		printf("# memory from 0x%llx, ports from 0x%llx, pin %u; %s\n",
		       (unsigned long long)memory.base, (unsigned long long)ports.base, last_pin,
		       log_text);
	printf("%sok %u - pci.%s\n", is_good ? "" : "not ", ++n_tests, name);
	log_text[0] = '\0';
}

static void unplug_all(void)
{
	memset(cards, 0, sizeof(cards));
	plug(0, 0x1237);
	n_probed = 0;
}

/* The scan, with the free addresses that follow from @map_ */
static void boot(unsigned int n, const struct e820_entry *map_)
{
	n_map = n;
	if (n)
		memcpy(map, map_, n * sizeof(*map));
	uk_plat_pci_spaces(&memory, &ports);
	native_init();
}

static void test_assign(void)
{
	struct card *nic, *virtio, *other;
	size_t len = 0;

	unplug_all();
	nic = plug(3, 1);
	give(nic, 0, 0x20000, 0);
	give(nic, 1, 0x20000, 0);
	give(nic, 2, 32, BAR_IS_IO);
	give(nic, 3, 0x4000, 0);
	virtio = plug(4, 1);
	give(virtio, 1, 64, 0);
	give(virtio, 2, 64, 0);
	give(virtio, 4, 0x4000, BAR_KIND_64 | 8);
	other = plug(5, 2);
	give(other, 0, 0x1000, 0);
	boot(1, &(struct e820_entry){ MIB, 63 * MIB, RAM });
	expect("test_sizes_divide_addresses",
	       bar_of(nic, 0) == 0xf0000000 && bar_of(nic, 1) == 0xf0020000 &&
	       bar_of(nic, 3) == 0xf0040000);
	expect("test_ports_are_ports", bar_of(nic, 2) == 0xc000);
	expect("test_small_registers_have_a_page",
	       bar_of(virtio, 1) == 0xf0044000 && bar_of(virtio, 2) == 0xf0045000);
	expect("test_64_bits_are_both_set",
	       bar_of(virtio, 4) == 0xf0048000 && !virtio->regs[UK_PCI_BAR0 / 4 + 5]);
	expect("test_without_driver_nothing_is_given", n_probed == 2 && !bar_of(other, 0));
	expect("test_what_was_given_is_mapped",
	       uk_pci_map_bar(probed[1], 4, &len) == (void *)0xf0048000 && len == 0x4000 &&
	       !uk_pci_map_bar(probed[0], 2, NULL) && !uk_pci_map_bar(probed[0], 5, NULL));
	expect("test_devices_do_not_answer_before_they_are_enabled",
	       !(nic->regs[1] & (UK_PCI_COMMAND_MEMORY | UK_PCI_COMMAND_IO)));
}

static void test_reserved(void)
{
	const struct e820_entry low[] = { { MIB, 3839 * MIB, RAM },
					  { 0xf0000000, 0x100000, RESERVED },
					  { 0x100000000, 64 * MIB, RAM } };
	const struct e820_entry high[] = { { 0xf8000000, 0x8000000, RESERVED } };
	struct card *nic;

	unplug_all();
	nic = plug(3, 1);
	give(nic, 0, 0x20000, 0);
	boot(UK_ARRAY_SIZE(low), low);
	expect("test_reserved_memory_is_left_alone", bar_of(nic, 0) == 0xf0100000);
	boot(UK_ARRAY_SIZE(high), high);
	expect("test_reserved_memory_at_the_end", bar_of(nic, 0) == 0xf0000000 &&
	       memory.end == 0xf8000000);
}

static void test_no_room(void)
{
	struct card *huge, *nic;

	unplug_all();
	huge = plug(3, 1);
	give(huge, 0, 0x10000000, 0);
	nic = plug(4, 1);
	give(nic, 0, 0x20000, 0);
	boot(0, NULL);
	expect("test_no_room_is_said_and_costs_nobody_else",
	       n_probed == 1 && bar_of(nic, 0) == 0xf0000000 && strstr(log_text, "no room"));
}

static void on_irq(void *arg)
{
	(void)arg;
}

static int irq_as(const char *what, enum uk_pci_irq_kind *kind)
{
	wanted = what;
	return uk_pci_irq(probed[0], on_irq, NULL, kind);
}

static void test_interrupts(void)
{
	enum uk_pci_irq_kind kind;
	struct card *nic;

	unplug_all();
	nic = plug(8, 1);
	nic->regs[UK_PCI_COMMAND / 4] = 0x10u << 16;		/* has capabilities */
	nic->regs[UK_PCI_CAPABILITIES / 4] = 0x40;
	nic->regs[0x40 / 4] = UK_PCI_CAP_MSI;
	nic->regs[UK_PCI_INTERRUPT_LINE / 4] = 2 << 8;		/* INTB */
	boot(0, NULL);
	expect("test_auto_takes_the_first_there_is",
	       !irq_as("auto", &kind) && kind == UK_PCI_IRQ_MSI && nic->regs[0x40 / 4] >> 16 & 1 &&
	       nic->regs[1] & UK_PCI_COMMAND_NO_INTX);
	log_text[0] = '\0';
	expect("test_line_is_the_one_of_slot_and_pin",
	       !irq_as("intx", &kind) && kind == UK_PCI_IRQ_INTX && last_pin == 16 + 2 &&
	       !(nic->regs[1] & UK_PCI_COMMAND_NO_INTX) && !strstr(log_text, "cannot"));
	expect("test_what_cannot_be_had_is_said",
	       !irq_as("msix", &kind) && kind == UK_PCI_IRQ_MSI &&
	       strstr(log_text, "pci.interrupts=msix cannot be had"));
	expect("test_what_is_not_known_is_said",
	       !irq_as("fast", &kind) && kind == UK_PCI_IRQ_MSI &&
	       strstr(log_text, "pci.interrupts=fast cannot be had"));
	nic->regs[UK_PCI_CAPABILITIES / 4] = 0;
	nic->regs[UK_PCI_INTERRUPT_LINE / 4] = 0;
	expect("test_a_device_that_cannot_interrupt", irq_as("auto", &kind) == -ENODEV);
}

static unsigned int n_polls;

static void count_poll(void)
{
	n_polls++;
}

static void test_disable(void)
{
	const uint32_t on = UK_PCI_COMMAND_MEMORY | UK_PCI_COMMAND_NO_INTX;
	struct uk_pci_host polled = host;
	struct uk_pci_dev dev;
	struct card *nic;

	unplug_all();
	nic = plug(8, 1);
	boot(0, NULL);
	dev = *probed[0];
	uk_pci_enable(&dev);
	expect("test_enabled_device_is_master", nic->regs[1] & UK_PCI_COMMAND_MASTER);
	expect("test_disabled_device_is_not_and_answers_yet",
	       !uk_pci_disable(&dev) && (nic->regs[1] & 0xffff) == on);
	uk_pci_enable(&dev);
	polled.poll = count_poll;
	dev.host = &polled;
	expect("test_host_is_told_of_the_stop", !uk_pci_disable_at_stop(&dev) && n_polls == 1 &&
	       !(nic->regs[1] & UK_PCI_COMMAND_MASTER));
	nic->is_lasting = true;
	expect("test_master_that_stays_is_said", uk_pci_disable(&dev) == -EIO);
	unplug_all();
	expect("test_device_that_is_gone_is_not_master", !uk_pci_disable(&dev));
}

int main(void)
{
	puts("1..20");
	uk_pci_register(&test_driver);
	/* Known from here on: boot() sets the free addresses anew */
	pci_native_assign(&(struct uk_pci_dev){ .host = &host });
	test_assign();
	test_reserved();
	test_no_room();
	test_interrupts();
	test_disable();
	return 0;
}
