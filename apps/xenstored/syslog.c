/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * syslog() into the image's own log, with its levels: on the console, which
 * dom0's xenconsoled keeps, and in the ring that the crash screen shows.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include <uk/print.h>

static int level_of(int priority)
{
	switch (LOG_PRI(priority)) {
	case LOG_EMERG:
	case LOG_ALERT:
	case LOG_CRIT:
	case LOG_ERR:
		return UK_LVL_ERR;
	case LOG_WARNING:
		return UK_LVL_WARN;
	case LOG_NOTICE:
	case LOG_INFO:
		return UK_LVL_INFO;
	default:
		return UK_LVL_DEBUG;
	}
}

void openlog(const char *ident, int options, int facility)
{
	(void)ident;
	(void)options;
	(void)facility;
}

void vsyslog(int priority, const char *fmt, va_list ap)
{
	char text[224];

	uk_vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	uk_print(level_of(priority), "xenstored: %s\n", text);
}

void syslog(int priority, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsyslog(priority, fmt, ap);
	va_end(ap);
}
