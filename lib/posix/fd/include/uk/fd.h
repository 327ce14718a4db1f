/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Descriptors, and what a kind of file provides.
 *
 * Rules
 * - A file is a struct of its library's with a struct uk_file in it. It has a
 *   count of references: one of whoever made it, one for each descriptor, one
 *   while a call is at work on it. The last uk_file_put() calls release().
 * - Descriptors of one open file share flags and position, as dup() wants it.
 * - An operation that is NULL gives the error below. Operations get arguments
 *   that were checked: the file is open for that direction, len is at most
 *   INT_MAX. They return -errno.
 * - read() and write() of a file that is not ready block unless f->flags has
 *   O_NONBLOCK, and then return -EAGAIN: uk_file_wait() does both.
 * - When a file becomes ready (for anything), its library calls
 *   uk_file_wake(); event context is fine. It costs next to nothing when
 *   nobody waits.
 */
#ifndef UK_FD_H
#define UK_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <uk/wait.h>

struct uk_file;
struct iovec;

struct uk_file_ops {
	/** NULL: -EINVAL. @return bytes, 0 at the end. A file with a position
	 *  has read_at/write_at instead of these. */
	ssize_t (*read)(struct uk_file *f, void *buf, size_t len);
	ssize_t (*write)(struct uk_file *f, const void *buf, size_t len);
	/** A file with positions; NULL: -ESPIPE for lseek() and pread(). */
	ssize_t (*read_at)(struct uk_file *f, void *buf, size_t len, off_t pos);
	ssize_t (*write_at)(struct uk_file *f, const void *buf, size_t len, off_t pos);
	/** What is ready, of POLLIN, POLLOUT, POLLHUP, POLLERR. Does not block.
	 *  NULL: always ready to read and write. */
	short (*poll)(struct uk_file *f);
	/** NULL: -ENOTTY. */
	long (*ioctl)(struct uk_file *f, unsigned long request, void *arg);
	/** Fills @st, which is zero but for st_blksize. NULL: -EBADF. */
	int (*stat)(struct uk_file *f, struct stat *st);
	/** NULL: -EINVAL. */
	int (*truncate)(struct uk_file *f, off_t len);
	/** NULL: -EINVAL. @mode: permission bits. */
	int (*chmod)(struct uk_file *f, mode_t mode);
	/** Directories: as getdents64(), moving f->pos. NULL: -ENOTDIR. */
	ssize_t (*list)(struct uk_file *f, void *buf, size_t len);
	/** The last reference is gone. NULL: the file is static. */
	void (*release)(struct uk_file *f);
};

struct uk_file {
	const struct uk_file_ops *ops;
	unsigned int refs;
	int flags;			/* O_ACCMODE, O_NONBLOCK, O_APPEND */
	off_t pos;
	struct uk_wait_queue wq;	/* blocked in an operation */
};

#define UK_FILE_INIT(name, file_ops, file_flags) {			\
		.ops = (file_ops), .refs = 1, .flags = (file_flags),	\
		.wq = UK_WAIT_QUEUE_INIT((name).wq) }

/** One reference, the caller's. @flags: O_ACCMODE, O_NONBLOCK, O_APPEND. */
void uk_file_init(struct uk_file *f, const struct uk_file_ops *ops, int flags);

static inline void uk_file_get(struct uk_file *f)
{
	f->refs++;
}

void uk_file_put(struct uk_file *f);

/** Something about @f has changed: who waits for it shall look again. */
void uk_file_wake(struct uk_file *f);

/**
 * Block until uk_file_wake(); the caller then looks again.
 * @return 0, or -EAGAIN at once when the file is O_NONBLOCK.
 */
int uk_file_wait(struct uk_file *f);

/** What poll() says of @f now: of POLLIN, POLLOUT, POLLHUP, POLLERR. */
short uk_file_poll(struct uk_file *f);

/** Threads in poll() and the like wait here; uk_file_wake() wakes them. */
extern struct uk_wait_queue uk_poll_queue;

/**
 * Give @f the lowest free descriptor that is at least @min. The descriptor takes
 * a reference of its own.
 * @return the descriptor, -EMFILE or -EINVAL.
 */
int uk_fd_install(struct uk_file *f, int min, bool is_cloexec);

/**
 * For a library whose function makes a file and gives out its descriptor: as
 * uk_fd_install(), but takes over the caller's reference, in failure too.
 */
int uk_fd_give(struct uk_file *f, bool is_cloexec);

/** The file of a descriptor, with a reference for the caller. NULL: none. */
struct uk_file *uk_fd_get(int fd);

/** @return 0 or -EBADF. */
int uk_fd_close(int fd);

#endif /* UK_FD_H */
