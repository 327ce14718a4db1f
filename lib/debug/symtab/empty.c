/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of the first link, from which the real one is made. */
#include "symtab_priv.h"

const struct symtab uk_symtab_table __attribute__((weak, section(".uk_symtab"))) = { 0 };
