/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GLUE_H
#define GLUE_H

struct __pthread;

/** Give the main thread its thread-local variables. */
void musl_tls_init(struct __pthread *main_thread);

#endif /* GLUE_H */
