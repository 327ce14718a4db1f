/* SPDX-License-Identifier: BSD-3-Clause */
/* What the sources of xenbus-front share. */
#ifndef FRONT_PRIV_H
#define FRONT_PRIV_H

#include <uk/xen/xenbus_front.h>

#define RETRY_NS (CONFIG_LIBXENBUSFRONT_RETRY_MS * UK_NSEC_PER_MSEC)
#define CLOSE_NS (CONFIG_LIBXENBUSFRONT_CLOSE_MS * UK_NSEC_PER_MSEC)

/* ---- bus.c ---- */
/* Wake the thread. Any context. */
void front_kick(void);

/* ---- state.c ---- */
/* @return NULL: no memory, or the directory makes no sense (logged). */
struct uk_xenfront_dev *front_dev_new(struct uk_xenfront_driver *drv, uint32_t id);
/* Look at both ends' nodes and go on.
 * @return false: the device is gone, or another one is in its place; it was freed. */
bool front_dev_step(struct uk_xenfront_dev *dev);

#endif /* FRONT_PRIV_H */
