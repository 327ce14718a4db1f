/* SPDX-License-Identifier: BSD-3-Clause */
/* The register dump, from a table that each architecture provides. */
#ifndef UK_ARCH_REGS_FORMAT_H
#define UK_ARCH_REGS_FORMAT_H

#include <stdint.h>

/* A register of the machine's word size and where it is in uk_arch_regs. */
struct uk_arch_reg_name {
	char name[6];
	uint16_t offset;
};

extern const struct uk_arch_reg_name uk_arch_reg_names[];
extern const unsigned int uk_arch_n_reg_names;

#endif /* UK_ARCH_REGS_FORMAT_H */
