/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What has happened to a device: both ends' nodes as they are now, and the event that
 * they make.
 *
 * The frontend's state is hostile: xenbus_read_inputs() takes a strict number of 0 to 8.
 */
#include <errno.h>

#include "xenbus_priv.h"

#include <uk/plat/time.h>

void xenbus_read_inputs(const struct uk_xenbus_dev *dev, struct xenbus_inputs *in)
{
	char text[3][UK_XS_DEC_BYTES];
	struct uk_xs_value values[] = {
		{ dev->be, "state", text[0], UK_XS_DEC_BYTES, 0 },
		{ dev->be, "online", text[1], UK_XS_DEC_BYTES, 0 },
		{ dev->fe, "state", text[2], UK_XS_DEC_BYTES, 0 },
	};

	uk_xs_read_all(values, UK_ARRAY_SIZE(values));
	in->be_err = uk_xs_value_dec(&values[0], XenbusStateReconfigured, &in->be_state);
	if (uk_xs_value_dec(&values[1], 1, &in->online))
		in->online = 0;
	in->fe_err = uk_xs_value_dec(&values[2], XenbusStateReconfigured, &in->fe_state);
	if (in->fe_err)
		in->fe_state = XenbusStateUnknown;
}

/* Our own connection to xenstored says nothing about the other end */
static bool is_gone(int err)
{
	return err == -ENOENT || err == -EACCES;
}

static enum xenbus_event fe_event(const struct uk_xenbus_dev *dev, uint64_t fe_state)
{
	if (dev->drv->ready_states & 1u << fe_state)
		return EV_FE_READY;
	switch (fe_state) {
	case XenbusStateInitialising:
		return EV_FE_INITIALISING;
	case XenbusStateClosing:
		return EV_FE_CLOSING;
	case XenbusStateClosed:
		return EV_FE_CLOSED;
	default:
		return EV_FE_OTHER;
	}
}

bool xenbus_is_wanted(const struct uk_xenbus_dev *dev, const struct xenbus_inputs *in)
{
	return in->online && !dev->is_leaving && !xenbus_is_stopping;
}

bool xenbus_is_ready(const struct uk_xenbus_dev *dev, const struct xenbus_inputs *in)
{
	return dev->drv->ready_states & 1u << in->fe_state;
}

/* What is being detached is of interest as long as its frontend uses it. */
static bool is_found(const struct uk_xenbus_dev *dev, const struct xenbus_inputs *in)
{
	return dev->state == XenbusStateInitialising && (LIVE | IN(Closed)) & 1u << in->be_state &&
	       (in->online || xenbus_is_ready(dev, in));
}

enum xenbus_event xenbus_event_of(const struct uk_xenbus_dev *dev, const struct xenbus_inputs *in)
{
	if (is_gone(in->be_err))
		return EV_BE_GONE;
	if (in->be_err)
		return EV_NONE;
	if (in->be_state == XenbusStateInitialising && dev->state != XenbusStateInitialising)
		return EV_BE_NEW;
	if (dev->is_failed)
		return EV_FAILED;
	if (is_gone(in->fe_err))
		return EV_FE_GONE;
	if (is_found(dev, in))
		return EV_FOUND;
	if (xenbus_is_wanted(dev, in))
		return fe_event(dev, in->fe_state);
	if (in->fe_state == XenbusStateClosed)
		return EV_OFFLINE;
	if (dev->deadline_ns && uk_plat_mono_ns() >= dev->deadline_ns)
		return EV_TIMEOUT;
	/* The frontend answers a detach: no more requests are to come */
	return EV_DETACH;
}
