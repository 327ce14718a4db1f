/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of descriptors. Where there is a console, it is descriptor 0, 1
 * and 2 from the very start: no initialisation has to come before output.
 */
#include "fd_priv.h"

#include <errno.h>


#define MAX CONFIG_LIBFD_MAX

/* lib/posix/console, when it is in the image; its three references are its
 * own */
extern struct uk_file uk_console_file __attribute__((weak));

static struct uk_file *table[MAX] = {
	&uk_console_file, &uk_console_file, &uk_console_file,
};
static bool cloexec[MAX];

static bool is_open(int fd)
{
	return fd >= 0 && fd < MAX && table[fd];
}

struct uk_file *uk_fd_get(int fd)
{
	if (!is_open(fd))
		return NULL;
	uk_file_get(table[fd]);
	return table[fd];
}

int uk_fd_install(struct uk_file *f, int min, bool is_cloexec)
{
	if (min < 0 || min >= MAX)
		return -EINVAL;
	for (int fd = min; fd < MAX; fd++) {
		if (table[fd])
			continue;
		uk_file_get(f);
		table[fd] = f;
		cloexec[fd] = is_cloexec;
		return fd;
	}
	return -EMFILE;
}

int uk_fd_give(struct uk_file *f, bool is_cloexec)
{
	int fd = uk_fd_install(f, 0, is_cloexec);

	uk_file_put(f);
	return fd;
}

int uk_fd_close(int fd)
{
	struct uk_file *f;

	if (!is_open(fd))
		return -EBADF;
	f = table[fd];
	table[fd] = NULL;
	uk_file_put(f);
	return 0;
}

int fd_replace(int fd, struct uk_file *f, bool is_cloexec)
{
	if (fd < 0 || fd >= MAX)
		return -EBADF;
	uk_file_get(f);
	uk_fd_close(fd);
	table[fd] = f;
	cloexec[fd] = is_cloexec;
	return 0;
}

int fd_cloexec(int fd)
{
	return cloexec[fd];
}

void fd_set_cloexec(int fd, bool is_cloexec)
{
	cloexec[fd] = is_cloexec;
}
