/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/arch/regs.h>

#include "regs_format.h"

/* Lines fit 80 columns: a register takes a name of 5 and its digits. */
#define PER_LINE (sizeof(uintptr_t) == 8 ? 3 : 4)
#define NAME_WIDTH 5

struct out {
	char *buf;
	size_t size, len;
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len++] = c;
}

static void put_reg(struct out *o, const char *name, uintptr_t value)
{
	unsigned int width, shift = sizeof(value) * 8;

	for (width = 0; *name; width++)
		put(o, *name++);
	for (; width < NAME_WIDTH; width++)
		put(o, ' ');
	while (shift) {
		shift -= 4;
		put(o, "0123456789abcdef"[(value >> shift) & 15]);
	}
}

size_t uk_arch_regs_format(const struct uk_arch_regs *regs, unsigned int line,
			   char *buf, size_t size)
{
	struct out o = { .buf = buf, .size = size };
	unsigned int i = line * PER_LINE, end = i + PER_LINE;

	if (!size)
		return 0;
	for (; i < end && i < uk_arch_n_reg_names; i++) {
		const struct uk_arch_reg_name *r = &uk_arch_reg_names[i];

		if (o.len) {
			put(&o, ' ');
			put(&o, ' ');
		}
		put_reg(&o, r->name,
			*(const uintptr_t *)((const char *)regs + r->offset));
	}
	buf[o.len] = '\0';
	return o.len;
}
