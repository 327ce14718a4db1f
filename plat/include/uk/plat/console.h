/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The platform's console: Xen's console ring, a serial port, standard output.
 *
 * Rules
 * - Works from the platform's C entry on (early output may go to an emergency
 *   port instead of the console proper).
 * - Bytes are passed on as they are, except that "\n" becomes "\r\n" where the
 *   medium wants it.
 */
#ifndef UK_PLAT_CONSOLE_H
#define UK_PLAT_CONSOLE_H

#include <stddef.h>
#include <sys/types.h>

/**
 * Write all of @buf. When the other side does not drain its buffer, waits a
 * bounded time and then drops output rather than stop the image. Safe in
 * event handlers and in a crash.
 */
void uk_plat_console_write(const char *buf, size_t len);

/**
 * Read what has arrived, without blocking.
 * @return number of bytes, 0 for none; -EIO: the input has ended.
 */
ssize_t uk_plat_console_read(char *buf, size_t size);

/** Call @fn(@arg) from event context when input arrives; one user, NULL ends
 *  it. */
void uk_plat_console_set_handler(void (*fn)(void *arg), void *arg);

/** Before the image ends: wait (bounded, 100 ms) until output has left. */
void uk_plat_console_flush(void);

#endif /* UK_PLAT_CONSOLE_H */
