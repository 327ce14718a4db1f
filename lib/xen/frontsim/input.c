/* SPDX-License-Identifier: BSD-3-Clause */
/* Actions out of a fuzzer's bytes. */
#include <uk/xen/frontsim_input.h>

#include <string.h>

/* Bits of an action's first byte */
#define ACTION(b) ((b) & 31u)
#define WHO(b) ((b) >> 5 & 1u)
#define IS_SILENT(b) ((b) & 64)

#define LONG_NAME "a-value-that-is-longer-than-what-anybody-reads-a-number-or-a-name-into"

/* Byte 1 is the caller's own */
static const char *const words[32] = {
	[2] = "0", "1", "2", "3", "4", "5", "6", "7", "16", "255", "256", "4000", "4294967295",
	"4294967296", "18446744073709551615", "18446744073709551617",
	"999999999999999999999999", "-1", "0x10", " 9", "9 ", "+4", "1e3", LONG_NAME,
	"x86_64-abi", "x86_32-abi", "arm-abi", "%s%n", "../", "\xc3\xa9",
};

void uk_frontsim_input_init(struct uk_frontsim_input *in, const uint8_t *bytes, size_t len)
{
	*in = (struct uk_frontsim_input) { .next = bytes, .end = bytes + len };
}

static uint8_t unescape(struct uk_frontsim_input *in, uint8_t b)
{
	if (b != UK_FRONTSIM_ESCAPE || in->next == in->end)
		return b;
	return (uint8_t)(UK_FRONTSIM_ESCAPE + (*in->next++ & 1));
}

bool uk_frontsim_input_next(struct uk_frontsim_input *in)
{
	uint8_t b;

	in->at = in->len = 0;
	if (in->next == in->end)
		return false;
	while (in->next < in->end && (b = *in->next++) != UK_FRONTSIM_END_OF_ACTION) {
		b = unescape(in, b);
		if (in->len < sizeof(in->bytes))
			in->bytes[in->len++] = b;
	}
	b = uk_frontsim_get(in);
	in->action = ACTION(b);
	in->who = WHO(b);
	in->is_silent = IS_SILENT(b);
	return true;
}

uint8_t uk_frontsim_get(struct uk_frontsim_input *in)
{
	return in->at < in->len ? in->bytes[in->at++] : 0;
}

uint16_t uk_frontsim_get2(struct uk_frontsim_input *in)
{
	uint16_t low = uk_frontsim_get(in);

	return (uint16_t)(low | uk_frontsim_get(in) << 8);
}

uint32_t uk_frontsim_get4(struct uk_frontsim_input *in)
{
	uint32_t low = uk_frontsim_get2(in);

	return low | (uint32_t)uk_frontsim_get2(in) << 16;
}

void uk_frontsim_get_text(struct uk_frontsim_input *in, const char *own, char *text, size_t size)
{
	size_t len = 0, add;

	for (; in->at < in->len; in->at++) {
		const uint8_t *byte = &in->bytes[in->at];
		const char *word = *byte == 1 ? own : *byte < 32 ? words[*byte] : NULL;

		add = word ? strlen(word) : 1;
		if (!*byte || add >= size - len)
			break;
		memcpy(text + len, word ? (const void *)word : byte, add);
		len += add;
	}
	text[len] = '\0';
}
