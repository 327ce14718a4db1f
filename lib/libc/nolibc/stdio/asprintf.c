/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>

#include <uk/print.h>

int vasprintf(char **out, const char *restrict fmt, va_list ap)
{
	va_list again;
	char *buf;
	int len;

	va_copy(again, ap);
	len = uk_vsnprintf(NULL, 0, fmt, ap);
	buf = len < 0 ? NULL : malloc((size_t)len + 1);
	if (buf)
		uk_vsnprintf(buf, (size_t)len + 1, fmt, again);
	va_end(again);
	*out = buf;
	return buf ? len : -1;
}

int asprintf(char **out, const char *restrict fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(out, fmt, ap);
	va_end(ap);
	return len;
}
