/* SPDX-License-Identifier: BSD-3-Clause */
/* Access to memory in words, whatever it holds and however it is aligned. */
#ifndef NOLIBC_WORD_H
#define NOLIBC_WORD_H

#include <stdint.h>

typedef unsigned long __attribute__((may_alias)) word_t;
#define WORD_BYTES sizeof(word_t)

struct any_u64 {
	uint64_t v;
} __attribute__((packed, may_alias));

struct any_u32 {
	uint32_t v;
} __attribute__((packed, may_alias));

struct any_u16 {
	uint16_t v;
} __attribute__((packed, may_alias));

#define AS_U64(p) (((struct any_u64 *)(p))->v)
#define AS_U32(p) (((struct any_u32 *)(p))->v)
#define AS_U16(p) (((struct any_u16 *)(p))->v)

/* Neither pointer needs single bytes before a word */
static inline int is_aligned(const void *p)
{
	return ((uintptr_t)p & (WORD_BYTES - 1)) == 0;
}

/* Both pointers become aligned at the same time */
static inline int is_alike(const void *a, const void *b)
{
	return (((uintptr_t)a ^ (uintptr_t)b) & (WORD_BYTES - 1)) == 0;
}

#endif /* NOLIBC_WORD_H */
