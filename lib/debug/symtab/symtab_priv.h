/* SPDX-License-Identifier: BSD-3-Clause */
/* The table as support/build/mksymtab writes it; its header has the prose. */
#ifndef SYMTAB_PRIV_H
#define SYMTAB_PRIV_H

#include <stdint.h>

#define SYMTAB_BLOCK 16
#define SYMTAB_PAIR_FIRST 128

struct symtab_block {
	uint32_t addr;
	uint32_t pos;
};

struct symtab {
	uint32_t count;
	uint32_t blocks;
	uint32_t anchor;
	uint32_t end;
	uint8_t pair[128][2];
	struct symtab_block block[];
};

_Static_assert(sizeof(struct symtab) == 16 + 256, "what mksymtab writes");

extern const struct symtab uk_symtab_table;

#endif /* SYMTAB_PRIV_H */
