/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names in the host's file system. The program cannot remove them, as its unlink()
 * means the image's own files: so a name goes with the socket that made it, and
 * one that was left behind is no obstacle.
 */
#include "unix_priv.h"

#include <errno.h>
#include <string.h>
#include <sys/un.h>

#include <uk/alloc.h>
#include <uk/host/socket.h>

#define PATH_OFFSET offsetof(struct sockaddr_un, sun_path)

struct unix_name {
	struct uk_host_file file;
	char path[sizeof(struct sockaddr_un) - PATH_OFFSET + 1];
};

/* NULL with *@err set, 0 for an address without a path: abstract, or none. */
static struct unix_name *name_of(const struct sockaddr *addr, socklen_t len, int *err)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)addr;
	struct unix_name *name;

	*err = len > sizeof(*un) ? -EINVAL : 0;
	if (*err || len <= PATH_OFFSET || !un->sun_path[0])
		return NULL;
	*err = -ENOMEM;
	name = uk_calloc(1, sizeof(*name));
	if (name)
		memcpy(name->path, un->sun_path, len - PATH_OFFSET);
	return name;
}

static bool is_left_behind(const struct unix_name *name, const struct sockaddr *addr, socklen_t len)
{
	struct uk_host_file file;
	int probe, err;

	/* The host refuses a connection to a file of another kind just as well */
	if (uk_host_socket_file(name->path, &file))
		return false;
	probe = uk_host_socket();
	if (probe < 0)
		return false;
	err = uk_host_socket_connect(probe, addr, len);
	uk_host_socket_close(probe);
	return err == -ECONNREFUSED;
}

int unix_bind(int host, const struct sockaddr *addr, socklen_t len, struct unix_name **out)
{
	int err;

	*out = name_of(addr, len, &err);
	if (!*out)
		return err ? err : uk_host_socket_bind(host, addr, len);
	err = uk_host_socket_bind(host, addr, len);
	if (err == -EADDRINUSE && is_left_behind(*out, addr, len) && !uk_host_unlink((*out)->path))
		err = uk_host_socket_bind(host, addr, len);
	if (!err && uk_host_socket_file((*out)->path, &(*out)->file))
		err = -EIO;	/* gone already */
	if (err) {
		uk_free(*out);
		*out = NULL;
	}
	return err;
}

void unix_unbind(struct unix_name *name)
{
	struct uk_host_file now;

	if (!name)
		return;
	if (!uk_host_socket_file(name->path, &now) && now.ino == name->file.ino &&
	    !memcmp(now.dev, name->file.dev, sizeof(now.dev)))
		uk_host_unlink(name->path);
	uk_free(name);
}
