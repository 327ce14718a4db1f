/* SPDX-License-Identifier: BSD-3-Clause */
/* The console: standard input and output, as they are. */
#include <uk/plat/console.h>

#include "linuxu_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/linuxu/fd.h>
#include <uk/linuxu/sys.h>
#include <uk/print.h>

#define STDIN 0
#define STDOUT 1
#define STDERR 2
#define OUTPUT_BOUND_SEC 1

static bool has_lost_output;

static void (*on_input)(void *arg);
static void *on_input_arg;

static void lost_output(int err)
{
	static const char text[] = "standard output cannot be written, output is lost: ";
	const char *name = uk_errname(err);

	if (has_lost_output)
		return;
	has_lost_output = true;
	(void)uk_linuxu_write(STDERR, text, sizeof(text) - 1);
	(void)uk_linuxu_write(STDERR, name, strlen(name));
	(void)uk_linuxu_write(STDERR, "\n", 1);
}

bool linuxu_console_has_failed(void)
{
	return has_lost_output;
}

/* Standard output may be somebody's pipe in non-blocking mode. What it does not take
 * stops nobody, as on other platforms, but the end of the process tells. */
void uk_plat_console_write(const char *buf, size_t len)
{
	while (len) {
		ssize_t n = uk_linuxu_write(STDOUT, buf, len);

		if (n > 0) {
			buf += n;
			len -= (size_t)n;
		} else if (n != -EINTR && (n != -EAGAIN ||
			   !uk_linuxu_fd_ready(STDOUT, UK_LINUXU_OUT, OUTPUT_BOUND_SEC))) {
			if (n != -EAGAIN)
				lost_output((int)n);
			return;
		}
	}
}

ssize_t uk_plat_console_read(char *buf, size_t size)
{
	ssize_t n;

	if (!size || !uk_linuxu_fd_ready(STDIN, UK_LINUXU_IN, 0))
		return 0;
	n = uk_linuxu_read(STDIN, buf, size);
	if (n == -EAGAIN || n == -EINTR)
		return 0;
	if (n <= 0) {
		uk_linuxu_fd_del(STDIN);
		return -EIO;
	}
	uk_linuxu_fd_mod(STDIN, UK_LINUXU_IN);
	return n;
}

/* Quiet until somebody reads: the handler only wakes a thread. */
static void on_stdin(int fd, unsigned int events, void *arg uk_unused)
{
	if (events & UK_LINUXU_IN)
		uk_linuxu_fd_mod(fd, 0);
	else
		uk_linuxu_fd_del(fd);	/* hang-up, and nothing left to read */
	on_input(on_input_arg);
}

void uk_plat_console_set_handler(void (*fn)(void *arg), void *arg)
{
	uk_linuxu_fd_del(STDIN);
	on_input = fn;
	on_input_arg = arg;
	if (fn)
		uk_linuxu_fd_add(STDIN, UK_LINUXU_IN, on_stdin, NULL);
}

/* The kernel has taken what we wrote. */
void uk_plat_console_flush(void)
{
}
