/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What fits is formatted on the stack. Longer output is formatted a second
 * time, into pages: not the heap, so that an image without one can print.
 */
#include <stdio.h>

#include <uk/pages.h>
#include <uk/print.h>

int vfprintf(FILE *restrict f, const char *restrict fmt, va_list ap)
{
	char line[BUFSIZ], *buf;
	unsigned int order;
	va_list again;
	int len;

	va_copy(again, ap);
	len = uk_vsnprintf(line, sizeof(line), fmt, ap);
	if (len < 0)
		goto out;
	if ((size_t)len < sizeof(line)) {
		fwrite(line, 1, (size_t)len, f);
		goto out;
	}
	order = uk_pages_order((size_t)len + 1);
	buf = uk_pages_alloc(order);
	if (!buf) {
		fwrite(line, 1, sizeof(line) - 1, f);
		len = -1;
		goto out;
	}
	uk_vsnprintf(buf, (size_t)len + 1, fmt, again);
	fwrite(buf, 1, (size_t)len, f);
	uk_pages_free(buf, order);
out:
	va_end(again);
	return len;
}

int vprintf(const char *restrict fmt, va_list ap)
{
	return vfprintf(stdout, fmt, ap);
}

int fprintf(FILE *restrict f, const char *restrict fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vfprintf(f, fmt, ap);
	va_end(ap);
	return len;
}

int printf(const char *restrict fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vfprintf(stdout, fmt, ap);
	va_end(ap);
	return len;
}
