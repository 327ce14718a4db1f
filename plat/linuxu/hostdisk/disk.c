/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of Linux at a place of one's choice, by system calls. */
#include <uk/host/disk.h>

#include <errno.h>

#include <uk/linuxu/sys.h>

/* lseek(2), fallocate(2) */
#define SEEK_END 2
#define KEEP_SIZE 0x01
#define PUNCH_HOLE 0x02

int uk_host_disk_open(const char *path, bool is_readonly)
{
	int mode = is_readonly ? UK_LINUXU_O_RDONLY : UK_LINUXU_O_RDWR;

	return uk_linuxu_open(path, mode | UK_LINUXU_O_CLOEXEC, 0);
}

void uk_host_disk_close(int d)
{
	(void)uk_linuxu_close(d);
}

int uk_host_disk_size(int d, uint64_t *len_bytes)
{
	long end = uk_linuxu_call3(UK_LINUXU_NR_LSEEK, d, 0, SEEK_END);

	*len_bytes = end < 0 ? 0 : (uint64_t)end;
	return end < 0 ? (int)end : 0;
}

static int move(long nr, int d, const char *buf, size_t len, uint64_t at)
{
	while (len) {
		long n = uk_linuxu_call4(nr, d, buf, len, at);

		if (n <= 0)
			return n ? (int)n : -EIO;
		buf += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int uk_host_disk_read(int d, void *buf, size_t len_bytes, uint64_t at)
{
	return move(UK_LINUXU_NR_PREAD64, d, buf, len_bytes, at);
}

int uk_host_disk_write(int d, const void *buf, size_t len_bytes, uint64_t at)
{
	return move(UK_LINUXU_NR_PWRITE64, d, buf, len_bytes, at);
}

int uk_host_disk_flush(int d)
{
	return (int)uk_linuxu_call3(UK_LINUXU_NR_FDATASYNC, d, 0, 0);
}

int uk_host_disk_punch(int d, uint64_t at, uint64_t len_bytes)
{
	return (int)uk_linuxu_call4(UK_LINUXU_NR_FALLOCATE, d, PUNCH_HOLE | KEEP_SIZE, at,
				    len_bytes);
}
