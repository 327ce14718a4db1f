/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Look-up in the table of function names. Blocks of 16 functions are searched
 * by halves, the functions of one block one after the other. Addresses in the
 * table count from the first function, and uk_symtab_lookup() is the landmark
 * that ties them to where the image runs.
 */
#include <uk/symtab.h>

#include "symtab_priv.h"

/* Pairs nest as deep as the encoder found worth it, at most once per code. */
#define NESTING_MAX 128

static const uint8_t *entry_at(uint32_t pos)
{
	return (const uint8_t *)&uk_symtab_table.block[uk_symtab_table.blocks] + pos;
}

static uint32_t read_distance(const uint8_t **p)
{
	uint32_t value = 0;
	unsigned int shift = 0;
	uint8_t byte;

	do {
		byte = *(*p)++;
		value |= (uint32_t)(byte & 127) << shift;
		shift += 7;
	} while (byte & 128);
	return value;
}

/* Expands an encoded name. The stack holds what is still to be written. */
static void decode(const uint8_t *code, uint8_t len, char *name, size_t size)
{
	uint8_t stack[NESTING_MAX];
	size_t out = 0;

	for (uint8_t i = 0; i < len; i++) {
		unsigned int depth = 0;

		stack[depth++] = code[i];
		while (depth) {
			uint8_t c = stack[--depth];

			if (c >= SYMTAB_PAIR_FIRST && depth + 2 <= NESTING_MAX) {
				const uint8_t *pair = uk_symtab_table.pair[c - SYMTAB_PAIR_FIRST];

				stack[depth++] = pair[1];
				stack[depth++] = pair[0];
			} else if (out + 1 < size) {
				name[out++] = (char)c;
			}
		}
	}
	if (size)
		name[out] = '\0';
}

/* Index of the last block that starts at or below @addr; there is one. */
static uint32_t find_block(uint32_t addr)
{
	uint32_t low = 0, high = uk_symtab_table.blocks;

	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;

		if (uk_symtab_table.block[mid].addr <= addr)
			low = mid;
		else
			high = mid;
	}
	return low;
}

bool uk_symtab_lookup(uintptr_t pc, char *name, size_t size, size_t *offset)
{
	const struct symtab *t = &uk_symtab_table;
	uintptr_t rel = pc - ((uintptr_t)uk_symtab_lookup - t->anchor);
	const uint8_t *p, *found = NULL;
	uint32_t block, left, addr, found_addr = 0;

	if (!t->count || rel >= t->end)
		return false;
	block = find_block((uint32_t)rel);
	left = t->count - block * SYMTAB_BLOCK;
	if (left > SYMTAB_BLOCK)
		left = SYMTAB_BLOCK;
	p = entry_at(t->block[block].pos);
	addr = t->block[block].addr;
	while (left--) {
		addr += read_distance(&p);
		if (addr > rel)
			break;
		found = p;
		found_addr = addr;
		p += 1 + *p;
	}
	if (!found)
		return false;
	decode(found + 1, *found, name, size);
	*offset = rel - found_addr;
	return true;
}
