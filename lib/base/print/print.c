/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages and the log ring. A message is formatted once, into a line on the
 * stack; the line goes to the ring as it is, and to the console in one call.
 * A line that does not fit ends in "...".
 *
 * No locks: threads are cooperative and nothing here yields; a crash in the
 * middle of a message at worst shows a torn line.
 */
#include <uk/print.h>

#include <string.h>

#include <uk/param.h>
#include <uk/plat/boot.h>
#include <uk/plat/console.h>
#include <uk/plat/time.h>

#define LINE_BYTES 256
#define LOG_BYTES ((size_t)CONFIG_LIBPRINT_LOG_BYTES)

static int console_level = CONFIG_LIBPRINT_CONSOLE_LEVEL;

UK_PARAM(loglevel, "loglevel", UK_PARAM_INT, &console_level,
	 "messages on the console: 0 errors, 1 warnings, 2 information, 3 debug; -1 none");

static char log_ring[LOG_BYTES];
static size_t log_end; /* bytes ever written; its remainder is where the next one goes */

static void log_append(const char *line, size_t len)
{
	size_t at = log_end % LOG_BYTES;
	size_t n = UK_MIN(len, LOG_BYTES - at);

	memcpy(log_ring + at, line, n);
	memcpy(log_ring, line + n, len - n);
	log_end += len;
}

static size_t stamp(char *buf, size_t size)
{
	static uint64_t first_ns;	/* where entry has no time: the first message */
	uint64_t start = uk_plat_entry_ns(), now = uk_plat_mono_ns(), us;

	if (!start)
		start = first_ns = first_ns ? first_ns : now;
	us = (now - start) / UK_NSEC_PER_USEC;
	return (size_t)uk_snprintf(buf, size, "[%5u.%06u] ", (unsigned int)(us / 1000000),
				   (unsigned int)(us % 1000000));
}

/* Format into @line after its first @at bytes, newline included. */
static size_t format_line(char *line, size_t at, const char *fmt, va_list ap)
{
	size_t len = at + (size_t)uk_vsnprintf(line + at, LINE_BYTES - at, fmt, ap);

	if (len < LINE_BYTES)
		return len;
	memcpy(line + LINE_BYTES - 5, "...\n", 5);
	return LINE_BYTES - 1;
}

void uk_print(int level, const char *fmt, ...)
{
	char line[LINE_BYTES];
	size_t len = 0;
	va_list ap;

	if (IS_ENABLED(CONFIG_LIBPRINT_TIME))
		len = stamp(line, sizeof(line));
	va_start(ap, fmt);
	len = format_line(line, len, fmt, ap);
	va_end(ap);
	log_append(line, len);
	if (level <= console_level)
		uk_plat_console_write(line, len);
}

void uk_print_set_level(int level)
{
	console_level = level;
}

void uk_console_printf(const char *fmt, ...)
{
	char line[LINE_BYTES];
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	len = format_line(line, 0, fmt, ap);
	va_end(ap);
	uk_plat_console_write(line, len);
}

static char log_at(size_t pos)
{
	return log_ring[pos % LOG_BYTES];
}

/* Where the oldest whole line starts, at or after @from */
static size_t log_line_start(size_t from)
{
	size_t oldest = log_end > LOG_BYTES ? log_end - LOG_BYTES : 0;

	if (from <= oldest) {
		if (!oldest)
			return 0;
		from = oldest + 1; /* whether a line starts at "oldest" itself is forgotten */
	}
	while (from < log_end && log_at(from - 1) != '\n')
		from++;
	return from;
}

size_t uk_log_tail(char *buf, size_t size)
{
	size_t pos, len = 0;

	if (!size)
		return 0;
	for (pos = log_line_start(log_end > size - 1 ? log_end - (size - 1) : 0); pos < log_end;
	     pos++)
		buf[len++] = log_at(pos);
	buf[len] = '\0';
	return len;
}

bool uk_log_is_empty(void)
{
	return !log_end;
}

void uk_log_dump(unsigned int lines)
{
	size_t oldest = log_line_start(0);
	size_t pos = log_end, at;

	while (lines && pos > oldest) {
		pos--;
		if (pos == oldest || log_at(pos - 1) == '\n')
			lines--;
	}
	at = pos % LOG_BYTES;
	if (at + (log_end - pos) > LOG_BYTES) {
		uk_plat_console_write(log_ring + at, LOG_BYTES - at);
		pos += LOG_BYTES - at;
		at = 0;
	}
	uk_plat_console_write(log_ring + at, log_end - pos);
}
