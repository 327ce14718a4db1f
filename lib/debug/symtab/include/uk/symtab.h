/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names of the functions of the image.
 *
 * Rules
 * - The table is read-only and made by the build; a look-up takes no lock,
 *   allocates nothing and may be called from any context, a crash included.
 * - Data has no names here, and a static function is named like any other.
 */
#ifndef UK_SYMTAB_H
#define UK_SYMTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Finds the function that has address @pc. Writes its name to @name, cut to
 *  @size bytes with the final zero, and to @offset how far into it @pc is.
 *  @return false when @pc is in no function; nothing is written then. */
bool uk_symtab_lookup(uintptr_t pc, char *name, size_t size, size_t *offset);

#endif /* UK_SYMTAB_H */
