/* SPDX-License-Identifier: BSD-3-Clause */
#include "pcifront_priv.h"

bool pcifront_parse_hex(const char **at, unsigned int max, char end, unsigned int *value)
{
	const char *p = *at;

	for (*value = 0; *p && *p != end; p++) {
		unsigned int c = (unsigned char)*p | 0x20;

		if ((c - '0' > 9 && c - 'a' > 5) || *value > max)
			return false;
		*value = *value << 4 | (c >= 'a' ? c - 'a' + 10 : c - '0');
	}
	if (p == *at || *p != end || *value > max)
		return false;
	*at = p + 1;
	return true;
}
