/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The register that thread-local variables of the compiler are relative to.
 *
 * Rules
 * - Only with a C library that has them (HAVE_THREAD_TP). For the scheduler, which
 *   keeps the value of each thread: nothing here saves the old one.
 */
#ifndef UK_PLAT_TLS_H
#define UK_PLAT_TLS_H

#include <stdint.h>

/** Set it, for the thread that is about to run; x86-64: base of FS. */
void uk_plat_tls_set(uintptr_t tp);

#endif /* UK_PLAT_TLS_H */
