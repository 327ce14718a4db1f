/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The platform's console as a file: a terminal, without line discipline. Input
 * is kept in a small buffer, because poll() has to know whether there is any.
 */
#include <uk/fd.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

#include <uk/plat/console.h>

extern struct uk_file uk_console_file;

static char input[128];
static size_t n_input;
static bool is_at_end;

static void on_input(void *arg)
{
	uk_file_wake(arg);
}

/* Get what has arrived. Who asks once wants to hear of more. */
static void fill(struct uk_file *f)
{
	static bool is_listening;
	ssize_t n;

	if (!is_listening) {
		is_listening = true;
		uk_plat_console_set_handler(on_input, f);
	}
	if (n_input || is_at_end)
		return;
	n = uk_plat_console_read(input, sizeof(input));
	if (n < 0)
		is_at_end = true;
	else
		n_input = n;
}

static ssize_t console_read(struct uk_file *f, void *buf, size_t len)
{
	size_t n;
	int err;

	for (fill(f); !n_input && !is_at_end; fill(f)) {
		err = uk_file_wait(f);
		if (err < 0)
			return err;
	}
	n = UK_MIN(len, n_input);
	memcpy(buf, input, n);
	n_input -= n;
	memmove(input, input + n, n_input);
	return n;
}

static ssize_t console_write(struct uk_file *f, const void *buf, size_t len)
{
	(void)f;
	uk_plat_console_write(buf, len);
	return len;
}

static short console_poll(struct uk_file *f)
{
	fill(f);
	return POLLOUT | (n_input || is_at_end ? POLLIN : 0);
}

/* It is a terminal of unknown size: the C library buffers by lines then */
static long console_ioctl(struct uk_file *f, unsigned long request, void *arg)
{
	(void)f;
	if (request != TIOCGWINSZ)
		return -ENOTTY;
	memset(arg, 0, sizeof(struct winsize));
	return 0;
}

static int console_stat(struct uk_file *f, struct stat *st)
{
	(void)f;
	st->st_mode = S_IFCHR | 0600;
	return 0;
}

static const struct uk_file_ops console_ops = {
	.read = console_read,
	.write = console_write,
	.poll = console_poll,
	.ioctl = console_ioctl,
	.stat = console_stat,
};

struct uk_file uk_console_file = UK_FILE_INIT(uk_console_file, &console_ops, O_RDWR);
