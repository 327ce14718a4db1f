/* SPDX-License-Identifier: BSD-3-Clause */
/* What the sources of xenbus share. */
#ifndef XENBUS_PRIV_H
#define XENBUS_PRIV_H

#include <uk/xen/xenbus.h>

#define DETACH_NS (CONFIG_LIBXENBUS_DETACH_MS * UK_NSEC_PER_MSEC)
#define REMOVE_NS (CONFIG_LIBXENBUS_REMOVE_MS * UK_NSEC_PER_MSEC)
/* A frontend that connects again and again costs us mappings and log lines: it
 * waits for so long in between. */
#define RECONNECT_NS (200 * UK_NSEC_PER_MSEC)
/* Where a probe is to be called again, an attach is answered before the toolstack gives
 * it up, after 10 s. */
#define ATTACH_NS (CONFIG_LIBXENBUS_ATTACH_MS * UK_NSEC_PER_MSEC)
#define PROBE_NS (250 * UK_NSEC_PER_MSEC)
/* How long frontends may take to close when this image ends */
#define STOP_NS (3 * UK_NSEC_PER_SEC)

/* ---- device.c ---- */
/* Make the instance of backend/<kind>/<remote>/<id>. @return NULL: no memory
 * (refused), or the directory makes no sense (logged). */
struct uk_xenbus_dev *xenbus_dev_new(struct uk_xenbus_driver *drv, domid_t remote, uint32_t id);
/* Tests replace it. */
extern void *(*xenbus_calloc)(size_t n, size_t size);
/* Free it; nothing is written. */
void xenbus_dev_drop(struct uk_xenbus_dev *dev);
/* Remove the directory, and drop. */
void xenbus_dev_remove(struct uk_xenbus_dev *dev);
/* It cannot be attached: remove it, which tells the toolstack, and report. In
 * this order, because a domain without room for nodes has none for the report. */
void xenbus_dev_refuse(struct uk_xenbus_dev *dev, int err);
void xenbus_dev_set_state(struct uk_xenbus_dev *dev, enum xenbus_state state);
/* Write publish()'s nodes and state=4. */
int xenbus_dev_publish(struct uk_xenbus_dev *dev);
void xenbus_dev_disconnect(struct uk_xenbus_dev *dev);
/* May it be disconnected? If not, that is what happens next to it, when it may. */
bool xenbus_dev_drain(struct uk_xenbus_dev *dev);
/* Is it still waiting for that? */
bool xenbus_dev_is_stuck(struct uk_xenbus_dev *dev);
/* Log dev->why and write it where an administrator looks. */
void xenbus_dev_report(struct uk_xenbus_dev *dev, int err);

/* ---- event.c ---- */
enum xenbus_event {
	EV_NONE,		/* nothing is known */
	EV_BE_GONE,		/* somebody has removed our directory */
	EV_BE_NEW,		/* the toolstack has replaced the device */
	EV_FOUND,		/* an earlier life has left it, somewhere on its way */
	EV_FAILED,		/* the driver has given the frontend up */
	EV_FE_GONE,		/* destroyed or died */
	EV_OFFLINE,		/* detached, and the frontend is not in the way */
	EV_TIMEOUT,		/* the frontend does not close */
	EV_DETACH,		/* the toolstack wants it closed */
	EV_FE_INITIALISING,
	EV_FE_READY,		/* has written its rings */
	EV_FE_CLOSING,
	EV_FE_CLOSED,
	EV_FE_OTHER,
};

/* Both ends' nodes as they are now */
struct xenbus_inputs {
	int be_err, fe_err;
	uint64_t be_state, fe_state, online;
};

void xenbus_read_inputs(const struct uk_xenbus_dev *dev, struct xenbus_inputs *in);
bool xenbus_is_wanted(const struct uk_xenbus_dev *dev, const struct xenbus_inputs *in);
/* The frontend has written its rings. */
bool xenbus_is_ready(const struct uk_xenbus_dev *dev, const struct xenbus_inputs *in);
enum xenbus_event xenbus_event_of(const struct uk_xenbus_dev *dev,
				  const struct xenbus_inputs *in);

/* Of our own states */
#define IN(s) (1u << XenbusState##s)
#define LIVE (IN(InitWait) | IN(Connected) | IN(Closing))

/* ---- state.c ---- */
/* Look at both ends' nodes and do what the table says. */
void xenbus_dev_step(struct uk_xenbus_dev *dev);

/* ---- bus.c ---- */
extern bool xenbus_is_stopping;
/* Wake the thread. Any context. */
void xenbus_kick(void);
/* The frontend's state may have changed. */
void xenbus_on_fe_event(struct uk_xs_watch *w, const char *path);

/* ---- work.c ---- */
void xenbus_work_thread(void *arg);

#endif /* XENBUS_PRIV_H */
