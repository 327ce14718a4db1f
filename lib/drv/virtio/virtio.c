/* SPDX-License-Identifier: BSD-3-Clause */
/* Drivers, and the start of a device, whatever it was found on. */
#include <errno.h>

#include <uk/arch/barrier.h>
#include <uk/plat/time.h>
#include <uk/thread.h>

#include "virtio_priv.h"

#define STATUS_ACKNOWLEDGE 1
#define STATUS_DRIVER 2
#define STATUS_DRIVER_OK 4
#define STATUS_FEATURES_OK 8

#define RESET_MS 100
#define CONFIG_TRIES 100

static struct uk_list drivers = UK_LIST_INIT(drivers);

/* ---- Drivers ---- */

void uk_virtio_register(struct uk_virtio_driver *drv)
{
	uk_list_add_tail(&drivers, &drv->node);
	virtio_pci_register(drv);
}

struct uk_virtio_driver *uk_virtio_driver_of(uint16_t number)
{
	struct uk_virtio_driver *drv;

	UK_LIST_FOREACH(drv, &drivers, node)
		if (drv->number == number)
			return drv;
	return NULL;
}

int uk_virtio_found(struct uk_virtio *v, struct uk_virtio_driver *drv)
{
	int err = drv->probe(v);

	/* The device may have addresses of ours until it is reset */
	if (err)
		uk_virtio_fail(v);
	return err;
}

/* ---- Start ---- */

static int reset(struct uk_virtio *v)
{
	v->bus->set_status(v, 0);
	for (unsigned int ms = 0; v->bus->status(v); ms++) {
		if (ms == RESET_MS)
			return -ENODEV;
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	}
	return 0;
}

static uint64_t offered(struct uk_virtio *v)
{
	return v->bus->offered(v, 0) | (uint64_t)v->bus->offered(v, 1) << 32;
}

static int agree(struct uk_virtio *v, uint64_t wanted)
{
	v->features = offered(v) & (wanted | UK_VIRTIO_F_VERSION_1 | UK_VIRTIO_F_ACCESS_PLATFORM);
	if (!(v->features & UK_VIRTIO_F_VERSION_1))
		return -ENODEV;
	for (uint32_t half = 0; half < 2; half++)
		v->bus->take(v, half, (uint32_t)(v->features >> 32 * half));
	v->bus->set_status(v, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
	return v->bus->status(v) & STATUS_FEATURES_OK ? 0 : -EPROTO;
}

int uk_virtio_open(struct uk_virtio *v, uint64_t wanted)
{
	int err = reset(v);

	if (err)
		return err;
	v->bus->set_status(v, STATUS_ACKNOWLEDGE);
	v->bus->set_status(v, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
	return agree(v, wanted);
}

int uk_virtio_config(struct uk_virtio *v, void *to, size_t len_bytes)
{
	uint8_t *bytes = to;

	for (unsigned int tries = 0; tries < CONFIG_TRIES; tries++) {
		uint32_t before = v->bus->generation(v);

		for (size_t i = 0; i < len_bytes; i++)
			bytes[i] = i < v->device_bytes ? v->device[i] : 0;
		if (v->bus->generation(v) == before)
			return 0;
	}
	return -EAGAIN;
}

int uk_virtio_irq(struct uk_virtio *v, void (*handler)(void *arg), void *arg)
{
	return v->bus->irq(v, handler, arg);
}

void uk_virtio_fail(struct uk_virtio *v)
{
	v->bus->set_status(v, 0);
}

int uk_virtio_end(struct uk_virtio *v)
{
	int err = reset(v), still = v->bus->disable ? v->bus->disable(v, false) : -ENODEV;

	return still ? err : 0;
}

/* The image starts again: the device is to write to memory no more */
static void on_restart(void *arg)
{
	uint64_t deadline_ns = uk_plat_mono_ns() + UK_RESTART_STOP_NS;
	struct uk_virtio *v = arg;

	uk_virtio_fail(v);
	while (v->bus->status(v) && uk_plat_mono_ns() < deadline_ns)
		uk_arch_relax();
	if (v->bus->disable)
		v->bus->disable(v, true);
}

void uk_virtio_start(struct uk_virtio *v)
{
	/* Once, however often it is reset */
	if (!v->at_restart.fn) {
		v->at_restart.fn = on_restart;
		v->at_restart.arg = v;
		uk_restart_at_stop(&v->at_restart);
	}
	v->bus->set_status(v, v->bus->status(v) | STATUS_DRIVER_OK);
}
