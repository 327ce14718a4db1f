/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Back ends: the life of a device, from the toolstack's nodes to its removal.
 * Specification: xen/io/xenbus.h; what libxl and frontends do beyond it is in
 * doc/writing-a-driver.md.
 *
 * Rules
 * - One thread, "xenbus", walks all devices through their states and calls the
 *   operations of their driver, one at a time. Operations may block on
 *   xenstore; while they do, other devices wait. What a device needs and is not there
 *   yet is not waited for, see probe(). What a device has under way when
 *   it is to be disconnected may take long: its driver says so, is_drained().
 * - The back-end directory belongs to this domain and is written by the
 *   toolstack, which is trusted. The frontend's directory is hostile: read it
 *   with uk_xenbus_read_fe*(), which accept plain decimal numbers and short
 *   strings only.
 * - A driver never writes `state`. A frontend that misbehaves is reported with
 *   uk_xenbus_fail(); the device is then disconnected and goes to Closed, and
 *   the frontend may start again from the beginning.
 * - Quota: one watch for all devices, and one for each. What xenstored refuses
 *   fails the attach at once.
 * - After a restart (<uk/restart.h>) devices are found in the states that the life
 *   before has left them in. Their directories are gone on with from there. The
 *   driver resumes a connection whose frontend has noticed nothing.
 */
#ifndef UK_XEN_XENBUS_H
#define UK_XEN_XENBUS_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/io/xenbus.h>

#include <uk/list.h>
#include <uk/xen/xenstore.h>

/** Room for one line that says what went wrong. */
#define UK_XENBUS_WHY_BYTES 160

struct uk_xenbus_driver;

struct uk_xenbus_dev {
	const struct uk_xenbus_driver *drv;
	domid_t remote;			/* the frontend's domain */
	uint32_t id;			/* vbd: virtual device number; vif: index */
	char be[40];			/* "backend/<kind>/<remote>/<id>" */
	char fe[72];			/* "/local/domain/<remote>/device/<kind>/<id>" */
	void *priv;			/* the driver's */
	/* In probe() and connect(): an earlier life may have been connected to
	 * this frontend, which is ready still. */
	bool may_resume;
	/* It was: connect() resumes, or fails. */
	bool must_resume;

	/* Below: xenbus only */
	enum xenbus_state state;	/* as we wrote it last */
	bool is_probed;			/* drv->probe() is to be undone */
	bool is_connected;		/* drv->connect() is to be undone */
	bool is_draining;		/* as soon as drv->is_drained() */
	bool is_dirty;			/* something may have changed */
	bool is_reconfigured;		/* drv->param has been written */
	bool is_stale;			/* publish() is to be called again */
	bool is_failed;			/* uk_xenbus_fail() */
	bool is_leaving;		/* Closed for good, the directory goes */
	bool is_gone;			/* off the list, to be freed */
	enum xenbus_state found;	/* as an earlier life has left it */
	uint64_t deadline_ns;		/* of a detach, or of the removal; 0: none */
	uint64_t retry_ns;		/* when a probe or connect that was put off is due */
	uint64_t connected_ns;		/* when it was last tried */
	uint64_t waiting_ns;		/* since when probe() says -EAGAIN */
	char why[UK_XENBUS_WHY_BYTES];
	struct uk_xs_watch fe_watch;
	char fe_state_path[80];
	struct uk_list node;
};

struct uk_xenbus_driver {
	const char *kind;		/* "vbd", "vif" */
	/* Bit n: the frontend is ready to be connected in state n. */
	unsigned int ready_states;
	/* A node of the back end's directory that the administrator may rewrite
	 * in operation; NULL: none. */
	const char *param;

	/* The directory has appeared: look at it, set dev->priv, write features.
	 * @why: one line, UK_XENBUS_WHY_BYTES. On failure nothing stays.
	 * @return -EAGAIN: what it needs may yet come: called again, after
	 *	uk_xenbus_probe_again() and now and then; an attach is refused when
	 *	that has gone on too long for the toolstack. */
	int (*probe)(struct uk_xenbus_dev *dev, char *why);
	/* It goes, and no probe() has succeeded: what an earlier life has kept about it is of
	 * no use to anybody. Optional. */
	void (*forget)(struct uk_xenbus_dev *dev);
	/* The frontend has written what it has: map, bind, start. */
	int (*connect)(struct uk_xenbus_dev *dev, char *why);
	/* Write what the frontend reads once connected; in a transaction that
	 * ends with state=4 and may be tried again. */
	int (*publish)(struct uk_xenbus_dev *dev, uk_xs_tx_t tx);
	/* Take no more requests. May be called again. Optional, but for drivers that
	 * have is_drained(). */
	void (*quiesce)(struct uk_xenbus_dev *dev);
	/* After quiesce(): is nothing under way that disconnect() would have to
	 * wait for? Where there is, states stay as they are until
	 * uk_xenbus_wake(), and then it is disconnected whatever has come in
	 * between. Must not block. Optional: it always is. */
	bool (*is_drained)(struct uk_xenbus_dev *dev);
	/* Undo connect(): unbind, unmap. Also where publish() has failed, without
	 * is_drained(). */
	void (*disconnect)(struct uk_xenbus_dev *dev);
	/* Undo probe(). The device is not connected. */
	void (*remove)(struct uk_xenbus_dev *dev);
	/* @param was rewritten; an error is reported and changes nothing else.
	 * Optional. */
	int (*reconfigure)(struct uk_xenbus_dev *dev, char *why);

	struct uk_list node;		/* xenbus only */
};

/** From an init function of level LIB or earlier. */
void uk_xenbus_register(struct uk_xenbus_driver *drv);

/** What a probe() has said -EAGAIN for may be there. Any context. */
void uk_xenbus_probe_again(void);

/**
 * The frontend of @dev misbehaves, or the device is broken: disconnect it.
 * Thread context; the disconnect happens later, in xenbus' thread. The line is
 * logged and written to error/<dev->be>/error.
 */
void uk_xenbus_fail(struct uk_xenbus_dev *dev, const char *fmt, ...) uk_printf_like(2, 3);

/** Have publish()'s nodes and state=4 written again, after a change that the
 *  frontend must see (a disk has grown). Any context; no effect while the
 *  device is not connected. */
void uk_xenbus_publish(struct uk_xenbus_dev *dev);

/** What is_drained() has waited for is done. Any context, while it is connected. */
void uk_xenbus_wake(struct uk_xenbus_dev *dev);

/** A node of the frontend's directory. @return as uk_xs_read_dec(). */
int uk_xenbus_read_fe_dec(const struct uk_xenbus_dev *dev, const char *node, uint64_t max,
			  uint64_t *val);
ssize_t uk_xenbus_read_fe(const struct uk_xenbus_dev *dev, const char *node, char *buf,
			  size_t size);

/** One of several numbers in the frontend's directory. */
struct uk_xenbus_number {
	const char *node;
	uint64_t max;
	uint64_t val;		/* set: 0 with an error */
	int err;		/* set: as uk_xs_read_dec() */
};

/** Read @n of them, UK_XENBUS_MAX_NUMBERS at most, in the time of one. @dir: in which
 *  directory of the frontend's; NULL: its own. */
#define UK_XENBUS_MAX_NUMBERS 12
void uk_xenbus_read_fe_numbers(const struct uk_xenbus_dev *dev, const char *dir,
			       struct uk_xenbus_number *numbers, unsigned int n);

#endif /* UK_XEN_XENBUS_H */
