/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Front ends: the life of a device that another domain serves, from the
 * toolstack's nodes to its removal. Specification: xen/io/xenbus.h.
 *
 * Rules
 * - One thread, "xenfront", walks all devices through their states and calls the
 *   operations of their driver, one at a time. Operations may block on xenstore.
 * - The front end's directory is this domain's, made by the toolstack. The back
 *   end's belongs to another domain: what is read of it is checked by whoever
 *   reads it.
 * - A driver never writes `state`. A back end that misbehaves is reported with
 *   uk_xenfront_fail(): the device is closed, and opened again after a while.
 * - A connection ends in two steps: quiesce() when nothing may be sent any more,
 *   disconnect() when the back end has let go, or has had its time to. What it
 *   still has then must not be used for anything else.
 * - A device that was connected before this image started (a restart in place) is
 *   closed first, and asked back at once. Pages that its back end has mapped at the
 *   restart are to be of uk_xenfront_page_open(): any other one ends the domain.
 * - Quota: one watch for all devices, and one for each.
 */
#ifndef UK_XEN_XENBUS_FRONT_H
#define UK_XEN_XENBUS_FRONT_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/io/xenbus.h>

#include <uk/list.h>
#include <uk/xen/gnttab.h>
#include <uk/xen/xenstore.h>

/** Room for one line that says what went wrong. */
#define UK_XENFRONT_WHY_BYTES 128

struct uk_xenfront_driver;

struct uk_xenfront_dev {
	const struct uk_xenfront_driver *drv;
	uint32_t id;
	domid_t remote;			/* the back end's domain */
	char fe[40];			/* "device/<kind>/<id>" */
	char be[80];			/* the back end's directory */
	void *priv;			/* the driver's */
	bool is_old;			/* not open yet since a restart in place */

	/* Below: xenbus-front only */
	unsigned int phase;
	enum xenbus_state state;	/* as we wrote it last */
	bool is_connected, is_open, is_dirty, is_failed;
	uint64_t deadline_ns;		/* 0: none */
	char why[UK_XENFRONT_WHY_BYTES];
	struct uk_xs_watch be_watch;
	char be_state_path[96];
	struct uk_list node;
};

struct uk_xenfront_driver {
	const char *kind;		/* "vif" */

	/* The directory has appeared: set dev->priv. @why: one line, when it fails. */
	int (*probe)(struct uk_xenfront_dev *dev, char *why);
	/* The back end says what it can (InitWait): make rings, offer ports. */
	int (*connect)(struct uk_xenfront_dev *dev, char *why);
	/* Write what the back end reads; in a transaction that ends with state=4 and
	 * may be tried again. */
	int (*publish)(struct uk_xenfront_dev *dev, uk_xs_tx_t tx);
	/* The back end is connected, too. */
	int (*open)(struct uk_xenfront_dev *dev, char *why);
	/* Open, and the back end may have written other nodes: it has written its
	 * state again, or something else has happened. Optional. */
	void (*changed)(struct uk_xenfront_dev *dev);
	/* Undo open(): nothing more may go to the back end. */
	void (*quiesce)(struct uk_xenfront_dev *dev);
	/* Undo connect(). */
	void (*disconnect)(struct uk_xenfront_dev *dev);
	/* Undo probe(). */
	void (*remove)(struct uk_xenfront_dev *dev);
	/* Go on with what disconnect() could not finish at once. Called from time to
	 * time until it returns true: there is no more of it. Optional. */
	bool (*reap)(void);

	struct uk_list node;		/* xenbus-front only */
};

/** From an init function of level LIB or earlier. */
void uk_xenfront_register(struct uk_xenfront_driver *drv);

/** The back end of @dev misbehaves: close the device. Any context; happens
 *  later, in the thread of front ends. The line is logged. */
void uk_xenfront_fail(struct uk_xenfront_dev *dev, const char *fmt, ...) uk_printf_like(2, 3);

/** A node of the back end's that is 1; absent, or anything else, is false. */
bool uk_xenfront_be_has(const struct uk_xenfront_dev *dev, const char *node);

/** A page that the back end maps for as long as the connection lasts: a ring. */
struct uk_xenfront_page {
	void *va;		/* NULL: none */
	grant_ref_t ref;	/* 0: none */
	bool is_kept;		/* xenbus-front only */
};

/**
 * Make @page, zeroed and granted to the back end of @dev. It outlives a restart if
 * there is room (<uk/restart.h>), so that the back end may have it mapped then;
 * otherwise a restart ends the domain.
 * @name: of the page, among those of @dev.
 * @return 0; -ENOMEM; -ENOSPC: no grant is left. Neither leaves anything.
 */
int uk_xenfront_page_open(const struct uk_xenfront_dev *dev, const char *name,
			  struct uk_xenfront_page *page);

/** Free @page, if it is one. @return false: the back end has it mapped; try again. */
bool uk_xenfront_page_close(struct uk_xenfront_page *page);

#endif /* UK_XEN_XENBUS_FRONT_H */
