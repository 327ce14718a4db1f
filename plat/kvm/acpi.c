/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * As much of ACPI as ends a machine: sleep state S5 and the reset register; and
 * where the PCI bus is in memory. Specification: ACPI 6.4, 5.2.5 to 5.2.9, 4.8.3.2,
 * 4.8.3.7, 20.2; PCI Firmware 3.2, 4.1.2.
 * Nothing is read before it is needed.
 */
#include <string.h>

#include "kvm.h"
#include "native.h"
#include "x86.h"

#define RSDP_SIGNATURE 0x2052545020445352	/* "RSD PTR " */
#define BIOS_START 0xe0000
#define BIOS_END 0x100000

#define FADT_RESET_REG_SUP (1 << 10)
#define FADT_HW_REDUCED (1 << 20)

#define PM1_SCI_EN 0x0001
#define PM1_SLP_TYP_SHIFT 10
#define PM1_SLP_TYP_MASK 0x1c00
#define PM1_SLP_EN 0x2000
#define SLEEP_TYP_SHIFT 2
#define SLEEP_EN 0x20

#define GAS_MEMORY 0
#define GAS_IO 1

#define AML_ZERO 0x00
#define AML_ONE 0x01
#define AML_BYTE 0x0a
#define AML_PACKAGE 0x12
/* Name, package, its length, number of elements, first of them */
#define MIN_S5_BYTES 8

#define PATIENCE 100000
#define MAX_TABLE_BYTES 0x100000

struct rsdp {
	uint64_t signature;
	uint8_t checksum;
	char oem[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t len_bytes;
	uint64_t xsdt;
} __attribute__((packed));

struct table {
	char signature[4];
	uint32_t len_bytes;
	uint8_t rest[28];
} __attribute__((packed));

struct gas {
	uint8_t space, width_bits, offset_bits, access;
	uint64_t addr;
} __attribute__((packed));

struct fadt {
	struct table header;
	uint32_t facs, dsdt;
	uint8_t unused_0[4];
	uint32_t smi_cmd;
	uint8_t acpi_enable;
	uint8_t unused_1[11];
	uint32_t pm1a_cnt, pm1b_cnt;
	uint8_t unused_2[40];
	uint32_t flags;
	struct gas reset_reg;
	uint8_t reset_value;
	uint8_t unused_3[11];
	uint64_t x_dsdt;
	uint8_t unused_4[96];
	struct gas sleep_control;
} __attribute__((packed));

/* With the first of its entries */
struct mcfg {
	struct table header;
	uint8_t unused_0[8];
	uint64_t base;			/* of bus 0 */
	uint16_t segment;
	uint8_t first_bus, last_bus;
	uint8_t unused_1[4];
} __attribute__((packed));

_Static_assert(__builtin_offsetof(struct mcfg, base) == 44, "PCI Firmware 4.1.2");
_Static_assert(__builtin_offsetof(struct fadt, pm1a_cnt) == 64, "ACPI 5.2.9");
_Static_assert(__builtin_offsetof(struct fadt, flags) == 112, "ACPI 5.2.9");
_Static_assert(__builtin_offsetof(struct fadt, x_dsdt) == 140, "ACPI 5.2.9");
_Static_assert(__builtin_offsetof(struct fadt, sleep_control) == 244, "ACPI 5.2.9");

static bool is_rsdp(const struct rsdp *r)
{
	const uint8_t *p = (const uint8_t *)r;
	uint8_t sum = 0;

	if (r->signature != RSDP_SIGNATURE)
		return false;
	for (unsigned int i = 0; i < __builtin_offsetof(struct rsdp, len_bytes); i++)
		sum += p[i];
	return !sum;
}

static const struct rsdp *find_rsdp(void)
{
	uintptr_t p = native_boot.rsdp;

	if (p && native_map_boot(p, sizeof(struct rsdp)))
		return is_rsdp((const void *)p) ? (const void *)p : NULL;
	if (!native_map_boot(BIOS_START, BIOS_END - BIOS_START))
		return NULL;
	for (p = BIOS_START; p < BIOS_END; p += 16)
		if (is_rsdp((const void *)p))
			return (const void *)p;
	return NULL;
}

bool acpi_is_there(void)
{
	return find_rsdp() != NULL;
}

static const struct table *map_table(uint64_t pa)
{
	const struct table *t = pa ? native_map_boot(pa, sizeof(*t)) : NULL;

	if (!t || t->len_bytes < sizeof(*t) || t->len_bytes > MAX_TABLE_BYTES)
		return NULL;
	return native_map_boot(pa, t->len_bytes);
}

static const struct table *find_table(const char *signature)
{
	const struct rsdp *r = find_rsdp();
	bool is_xsdt = r && r->revision >= 2 && r->xsdt;
	size_t step = is_xsdt ? 8 : 4;
	const struct table *root, *t;

	root = r ? map_table(is_xsdt ? r->xsdt : r->rsdt) : NULL;
	if (!root)
		return NULL;
	for (size_t i = sizeof(*root); i + step <= root->len_bytes; i += step) {
		uint64_t pa = 0;

		memcpy(&pa, (const char *)root + i, step);
		t = map_table(pa);
		if (t && !memcmp(t->signature, signature, sizeof(t->signature)))
			return t;
	}
	return NULL;
}

/* Copies the FADT, which grew with the versions of ACPI; what is not there is
 * 0. */
static bool find_fadt(struct fadt *fadt)
{
	const struct table *t = find_table("FACP");

	if (!t)
		return false;
	memset(fadt, 0, sizeof(*fadt));
	memcpy(fadt, t, t->len_bytes < sizeof(*fadt) ? t->len_bytes : sizeof(*fadt));
	return true;
}

uint64_t acpi_ecam(unsigned int *last_bus)
{
	const struct mcfg *m = (const struct mcfg *)find_table("MCFG");

	if (!m || m->header.len_bytes < sizeof(*m) || m->segment || m->first_bus)
		return 0;
	*last_bus = m->last_bus;
	return m->base;
}

/*
 * The first element of package \_S5 in the DSDT: Name (_S5, Package () { n, … }).
 * Found by its looks, as an AML interpreter would be larger than the rest of
 * the platform.
 */
static int s5_type(const struct fadt *fadt)
{
	const struct table *dsdt = map_table(fadt->x_dsdt ? fadt->x_dsdt : fadt->dsdt);
	const uint8_t *p, *end;

	if (!dsdt)
		return -1;
	p = (const uint8_t *)dsdt + sizeof(*dsdt);
	end = (const uint8_t *)dsdt + dsdt->len_bytes;
	for (; p + MIN_S5_BYTES <= end; p++) {
		if (memcmp(p, "_S5_", 4) || p[4] != AML_PACKAGE)
			continue;
		/* Length of the package, 1 to 4 bytes, and number of elements */
		p += 5;
		p += (*p >> 6) + 2;
		if (p + 1 < end && *p == AML_BYTE)
			return p[1];
		return p < end && (*p == AML_ZERO || *p == AML_ONE) ? *p : -1;
	}
	return -1;
}

static void gas_write(const struct gas *g, uint8_t v)
{
	volatile uint8_t *mmio;

	if (g->space == GAS_IO) {
		x86_out8((uint16_t)g->addr, v);
	} else if (g->space == GAS_MEMORY && g->addr) {
		mmio = native_map_io(g->addr);
		if (mmio)
			*mmio = v;
	}
}

static void pm1_sleep(uint16_t port, int type)
{
	uint16_t v = x86_in16(port) & (uint16_t)~PM1_SLP_TYP_MASK;

	x86_out16(port, v | (uint16_t)(type << PM1_SLP_TYP_SHIFT) | PM1_SLP_EN);
}

void acpi_poweroff(void)
{
	struct fadt fadt;
	int type = find_fadt(&fadt) ? s5_type(&fadt) : -1;
	uint16_t pm1a = (uint16_t)fadt.pm1a_cnt;

	if (type < 0)
		return;
	if (fadt.flags & FADT_HW_REDUCED) {
		gas_write(&fadt.sleep_control, (uint8_t)(type << SLEEP_TYP_SHIFT) | SLEEP_EN);
		return;
	}
	if (fadt.smi_cmd && !(x86_in16(pm1a) & PM1_SCI_EN)) {
		x86_out8((uint16_t)fadt.smi_cmd, fadt.acpi_enable);
		for (unsigned int i = 0; i < PATIENCE && !(x86_in16(pm1a) & PM1_SCI_EN); i++)
			;
	}
	pm1_sleep(pm1a, type);
	if (fadt.pm1b_cnt)
		pm1_sleep((uint16_t)fadt.pm1b_cnt, type);
}

void acpi_reset(void)
{
	struct fadt fadt;

	if (find_fadt(&fadt) && (fadt.flags & FADT_RESET_REG_SUP))
		gas_write(&fadt.reset_reg, fadt.reset_value);
}
