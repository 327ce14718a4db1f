/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Undefined behaviour that was met so far.
 *
 * Rules
 * - Any context. What is met is logged where it is met; here it is only counted.
 */
#ifndef UK_UBSAN_H
#define UK_UBSAN_H

/** Reports so far (only without LIBUBSAN_STOP can there be any). */
unsigned int uk_ubsan_count(void);

#endif /* UK_UBSAN_H */
