/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where virtio devices are that are on no bus. Specification: Linux,
 * kernel-parameters.txt, virtio_mmio.device; for QEMU's microvm, its documentation
 * and source: eight places and interrupts from 5 on without ACPI, from 16 on with
 * it, and 24 places with a second I/O APIC, from its first interrupt on.
 */
#include <uk/plat/mmio.h>

#include <string.h>

#include <uk/param.h>
#include <uk/plat/pci.h>
#include <uk/print.h>

#include "kvm.h"
#include "native.h"
#include "native_pci.h"
#include "native_pci.h"

#define WORD "virtio_mmio.device="

#define MICROVM_ADDR 0xfeb00000
#define MICROVM_BYTES 512
#define MICROVM_PLACES 8
#define MICROVM_PLACES_2 24
#define MICROVM_LINE_ISA 5
#define MICROVM_LINE 16
#define MICROVM_LINE_2 24

/* ---- What the loader says ---- */

/* A number that ends with @end, which is skipped. */
static bool parse(const char **at, char end, uint64_t *value)
{
	char text[24];
	const char *stop = strchr(*at, end);
	size_t len = stop ? (size_t)(stop - *at) : strlen(*at);

	if ((!stop && end != ' ') || len >= sizeof(text))
		return false;
	memcpy(text, *at, len);
	text[len] = '\0';
	*at += stop ? len + 1 : len;
	return !uk_parse_size(text, value);
}

/* "512@0xfeb00e00:12", and Linux's ":ID" behind it, which it does not need */
static bool parse_place(const char *at, struct uk_plat_mmio *place)
{
	char word[64];
	const char *p = word;
	uint64_t len, addr, line;

	strlcpy(word, at, UK_MIN(strcspn(at, " ") + 1, sizeof(word)));
	if (!parse(&p, '@', &len) || !parse(&p, ':', &addr) ||
	    !parse(&p, strchr(p, ':') ? ':' : ' ', &line) || !len || line > UINT8_MAX)
		return false;
	*place = (struct uk_plat_mmio) { addr, len, (unsigned int)line };
	return true;
}

static const char *next_word(const char *at)
{
	at = strstr(at, WORD);
	return at ? at + sizeof(WORD) - 1 : NULL;
}

static bool place_of_loader(unsigned int i, struct uk_plat_mmio *place)
{
	for (const char *at = native_boot.cmdline; (at = next_word(at));) {
		if (!parse_place(at, place)) {
			uk_pr_err("kvm: " WORD "%.40s: want SIZE@ADDRESS:INTERRUPT, 512@0xfeb00000:5\n",
				  at);
			continue;
		}
		if (!i--)
			return true;
	}
	return false;
}

/* ---- What QEMU's microvm has ---- */

static bool place_of_microvm(unsigned int i, struct uk_plat_mmio *place)
{
	bool has_two = ioapic_pins() > MICROVM_LINE_2;
	unsigned int first = has_two ? MICROVM_LINE_2
			     : acpi_is_there() ? MICROVM_LINE : MICROVM_LINE_ISA;

	/* A bus has a first device, its bridge to the processor */
	if (i >= (has_two ? MICROVM_PLACES_2 : MICROVM_PLACES) ||
	    uk_plat_pci_read(0, 0) != UINT32_MAX)
		return false;
	*place = (struct uk_plat_mmio) {
		MICROVM_ADDR + i * MICROVM_BYTES, MICROVM_BYTES, first + i,
	};
	return true;
}

bool uk_plat_mmio_place(unsigned int i, struct uk_plat_mmio *place)
{
	if (next_word(native_boot.cmdline))
		return place_of_loader(i, place);
	return place_of_microvm(i, place);
}

int uk_plat_mmio_irq(const struct uk_plat_mmio *place, void (*handler)(void *arg), void *arg)
{
	return native_pin(place->line, handler, arg);
}
