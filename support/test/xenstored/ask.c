/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One request of dom0 to its xenstore, for those that no tool makes:
 *
 *	ask TYPE STRING...
 *
 * TYPE is a number of xen/io/xs_wire.h. Prints the reply; status 1 for an error.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ERROR 16

struct head {
	uint32_t type, req, tx, len;
};

static int is_read(int fd, void *buf, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = read(fd, (char *)buf + done, len - done);

		if (n <= 0)
			return 0;
		done += n;
	}
	return 1;
}

int main(int argc, char **argv)
{
	static char buf[sizeof(struct head) + 4097];
	struct head *h = (struct head *)buf;
	int fd = open("/dev/xen/xenbus", O_RDWR);

	if (argc < 3 || fd < 0)
		return 2;
	h->type = strtoul(argv[1], NULL, 10);
	for (int i = 2; i < argc && h->len + strlen(argv[i]) < 4096; i++) {
		strcpy(buf + sizeof(*h) + h->len, argv[i]);
		h->len += strlen(argv[i]) + 1;
	}
	if (write(fd, buf, sizeof(*h) + h->len) != (ssize_t)(sizeof(*h) + h->len))
		return 2;
	if (!is_read(fd, h, sizeof(*h)) || h->len > 4096 || !is_read(fd, buf + sizeof(*h), h->len))
		return 2;
	buf[sizeof(*h) + h->len] = '\0';
	puts(buf + sizeof(*h));
	return h->type == ERROR;
}
