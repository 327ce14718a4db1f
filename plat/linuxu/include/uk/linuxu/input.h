/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An image that works through inputs which a program of the host hands in:
 * fuzzing (PLAT_LINUXU_HOSTED; doc/fuzzing.md).
 *
 * Rules
 * - Thread context. The image is a coroutine of the host's: it stands still from
 *   this call until the host brings the next input, all threads, clocks and
 *   events of the image included.
 */
#ifndef UK_LINUXU_INPUT_H
#define UK_LINUXU_INPUT_H

#include <stddef.h>
#include <stdint.h>

/**
 * The input before has been worked off; wait for the next one.
 * @bytes: set to it; not ours, good until the next call. Copy it to the heap,
 *	with its exact length, to have reads past its end found.
 */
void uk_linuxu_input_next(const uint8_t **bytes, size_t *len);

#endif /* UK_LINUXU_INPUT_H */
