/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CRASH_PRIV_H
#define CRASH_PRIV_H

#include <stdint.h>

/** Print the chain of frames from @fp on; @pc is the innermost address, or 0
 *  when the frame of the caller itself is of no interest. */
void crash_walk(uintptr_t pc, uintptr_t fp);

#endif /* CRASH_PRIV_H */
