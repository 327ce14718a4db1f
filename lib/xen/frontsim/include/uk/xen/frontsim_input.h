/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An input of a fuzzer as a list of actions (doc/fuzzing.md).
 *
 *	byte 0		the action in bits 0..4, who in bit 5; bit 6: the back end does
 *			not run before the next action
 *	then		its arguments; what is missing at the end is 0
 *	0xff		ends the action
 *
 * So bytes that are inserted, removed or exchanged change one action, not all that
 * follow. Within an action 0xfe 0x00 stands for 0xfe, 0xfe 0x01 for 0xff.
 *
 * Rules
 * - The bytes stay the caller's. Nothing here blocks, fails or reads past their
 *   end.
 */
#ifndef UK_XEN_FRONTSIM_INPUT_H
#define UK_XEN_FRONTSIM_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UK_FRONTSIM_END_OF_ACTION 0xff
#define UK_FRONTSIM_ESCAPE 0xfe
#define UK_FRONTSIM_ACTION_BYTES 64

struct uk_frontsim_input {
	const uint8_t *next, *end;
	/* The action, without escapes */
	uint8_t bytes[UK_FRONTSIM_ACTION_BYTES];
	size_t at, len;
	unsigned int action, who;
	bool is_silent;
};

void uk_frontsim_input_init(struct uk_frontsim_input *in, const uint8_t *bytes, size_t len);
/** Go to the next action. @return false: there is none. */
bool uk_frontsim_input_next(struct uk_frontsim_input *in);
/** The next argument, of one, two (little-endian) or four bytes. */
uint8_t uk_frontsim_get(struct uk_frontsim_input *in);
uint16_t uk_frontsim_get2(struct uk_frontsim_input *in);
uint32_t uk_frontsim_get4(struct uk_frontsim_input *in);

/**
 * The rest of the action as text that a frontend may write: a byte below 0x20 is
 * a word (numbers that overflow, names that are too long, states, …), others are
 * themselves. @own: what stands for byte 1, such as a good reference; may be NULL.
 */
void uk_frontsim_get_text(struct uk_frontsim_input *in, const char *own, char *text, size_t size);

#endif /* UK_XEN_FRONTSIM_INPUT_H */
