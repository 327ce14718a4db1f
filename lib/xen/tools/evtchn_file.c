/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A handle as a file, as Linux' /dev/xen/evtchn is one: read() gives the ports
 * that have an event, write() unmasks ports, poll() says whether there are any.
 */
#include "evtchn_priv.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

static struct xenevtchn_handle *handle_of(struct uk_file *f)
{
	return UK_CONTAINER_OF(f, struct xenevtchn_handle, file);
}

static ssize_t file_read(struct uk_file *f, void *buf, size_t len)
{
	struct xenevtchn_handle *xce = handle_of(f);
	size_t done = 0;
	evtchn_port_t port;
	int err;

	if (len < sizeof(port))
		return -EINVAL;
	while (uk_list_is_empty(&xce->pending)) {
		err = uk_file_wait(f);
		if (err)
			return err;
	}
	while (done + sizeof(port) <= len && (port = evtchn_take(xce))) {
		memcpy((char *)buf + done, &port, sizeof(port));
		done += sizeof(port);
	}
	return (ssize_t)done;
}

static ssize_t file_write(struct uk_file *f, const void *buf, size_t len)
{
	evtchn_port_t port;
	size_t done;

	for (done = 0; done + sizeof(port) <= len; done += sizeof(port)) {
		memcpy(&port, (const char *)buf + done, sizeof(port));
		if (xenevtchn_unmask(handle_of(f), port))
			return done ? (ssize_t)done : -EINVAL;
	}
	return (ssize_t)done;
}

/* Who polls is about to wait: what it has asked for goes out first */
static short file_poll(struct uk_file *f)
{
	struct xenevtchn_handle *xce = handle_of(f);

	evtchn_flush(xce);
	return POLLOUT | (uk_list_is_empty(&xce->pending) ? 0 : POLLIN);
}

static void file_release(struct uk_file *f)
{
	evtchn_free(handle_of(f));
}

const struct uk_file_ops evtchn_file_ops = {
	.read = file_read,
	.write = file_write,
	.poll = file_poll,
	.release = file_release,
};
