/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * File descriptors as sources of events: TAP devices, sockets, files under
 * poll.
 *
 * Rules
 * - Handlers run in event context (<uk/plat/event.h>): they must not block.
 * - Level triggered: the handler is called again until it has read or written
 *   what made the descriptor ready, or has changed what it waits for.
 * - Errors and hang-ups are always reported, as in poll(2); who cannot do
 *   anything about them removes the descriptor, or the image spins.
 * - A handler may add, change and remove descriptors, its own included. Remove
 *   a descriptor before it is closed.
 */
#ifndef UK_LINUXU_FD_H
#define UK_LINUXU_FD_H

/* poll(2)'s values */
#define UK_LINUXU_IN 0x01
#define UK_LINUXU_OUT 0x04
#define UK_LINUXU_ERR 0x08
#define UK_LINUXU_HUP 0x10

/* As many may be registered at a time */
#define UK_LINUXU_MAX_FDS 4160

/** @events: what happened, UK_LINUXU_* and maybe more of poll(2)'s bits. */
typedef void (*uk_linuxu_fd_handler_t)(int fd, unsigned int events, void *arg);

/**
 * Call @handler(…, @arg) when @fd is ready for one of @events (0: only errors).
 * @return 0; -EEXIST: it is registered already; -ENOSPC: all slots are in use.
 */
int uk_linuxu_fd_add(int fd, unsigned int events,
		     uk_linuxu_fd_handler_t handler, void *arg);

/** Wait for @events from now on. No effect on a descriptor that is unknown. */
void uk_linuxu_fd_mod(int fd, unsigned int events);

/** The handler is not called again. No effect on one that is unknown. */
void uk_linuxu_fd_del(int fd);

/** Wait until @fd is ready for one of @events, but no longer than @sec seconds;
 *  all threads wait. @return what is ready. */
unsigned int uk_linuxu_fd_ready(int fd, unsigned int events, unsigned int sec);

#endif /* UK_LINUXU_FD_H */
