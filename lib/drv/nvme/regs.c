/* SPDX-License-Identifier: BSD-3-Clause */
/* How registers are read and written. */
#include "nvme_priv.h"

uint32_t nvme_read(const struct nvme *n, unsigned int reg)
{
	return *(volatile uint32_t *)(n->regs + reg);
}

void nvme_write(struct nvme *n, unsigned int reg, uint32_t value)
{
	*(volatile uint32_t *)(n->regs + reg) = value;
}
