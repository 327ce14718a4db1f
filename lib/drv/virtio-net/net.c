/* SPDX-License-Identifier: BSD-3-Clause */
/* A virtio network card as a network device. Specification: VIRTIO 1.1, 5.1. */
#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/boot.h>
#include <uk/plat/dma.h>
#include <uk/print.h>
#include <uk/thread.h>

#include "net_priv.h"

#define NUMBER_NET 1
#define MTU_BYTES 1500
#define WANTED (F_CSUM | F_GUEST_CSUM | F_MAC | F_GUEST_TSO4 | F_GUEST_TSO6 | F_HOST_TSO4 | \
		F_HOST_TSO6 | F_MRG_RXBUF)

static const struct uk_netdev_ops ops = {
	.send = vnet_send,
	.forget = vnet_forget,
};

static void on_interrupt(void *arg)
{
	struct vnet *v = arg;

	uk_virtq_set_irq(&v->rx, false);
	v->has_work = true;
	uk_wait_wake_one(&v->work);
}

static void serve(void *arg)
{
	struct vnet *v = arg;

	/* Gives the device its first buffers */
	vnet_rx_poll(v);
	for (;;) {
		if (!uk_virtq_set_irq(&v->rx, true))
			uk_wait_event(&v->work, v->has_work);
		v->has_work = false;
		uk_virtq_set_irq(&v->rx, false);
		do {
			vnet_tx_poll(v);
			uk_thread_yield();
		} while (vnet_rx_poll(v) == RX_BUDGET);
	}
}

static uint16_t abilities(uint64_t features)
{
	uint16_t can = UK_NETDEV_CAN_FRAGS;

	if (features & F_CSUM)
		can |= UK_NETDEV_CAN_CSUM4 | UK_NETDEV_CAN_CSUM6;
	if (features & F_HOST_TSO4)
		can |= UK_NETDEV_CAN_GSO4;
	if (features & F_HOST_TSO6)
		can |= UK_NETDEV_CAN_GSO6;
	return can;
}

static int attach(struct vnet *v)
{
	static unsigned int n_cards;
	const uint8_t *mac = v->dev.mac;

	for (unsigned int i = 0; i < UK_NET_MAC_BYTES; i++)
		v->dev.mac[i] = v->virtio->device[i];
	uk_snprintf(v->dev.name, sizeof(v->dev.name), "virtio%u", n_cards++);
	uk_pr_info("virtio-net: %s: %s, %02x:%02x:%02x:%02x:%02x:%02x\n", v->dev.name,
		   v->virtio->name, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	v->dev.n_buffers = CONFIG_LIBVIRTIONET_BUFFERS;
	return uk_netdev_attach_card(&v->dev);
}

static int start(struct vnet *v)
{
	int err = uk_virtio_open(v->virtio, WANTED);

	if (!err && (!(v->virtio->features & F_MAC) || v->virtio->device_bytes < UK_NET_MAC_BYTES))
		err = -ENODEV;
	if (!err)
		err = uk_virtio_irq(v->virtio, on_interrupt, v);
	if (!err)
		err = vnet_rx_init(v);
	if (!err)
		err = vnet_tx_init(v);
	if (err)
		return err;
	v->dev.can = abilities(v->virtio->features);
	uk_virtio_start(v->virtio);
	err = attach(v);
	if (!err && !uk_thread_create(v->dev.name, serve, v, 0))
		err = -ENOMEM;
	return err;
}

/* When it fails its memory stays: the device may have been told of it. */
static int vnet_probe(struct uk_virtio *virtio)
{
	struct vnet *v = uk_calloc(1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	v->virtio = virtio;
	v->dev.ops = &ops;
	v->dev.mtu_bytes = MTU_BYTES;
	uk_wait_init(&v->work);
	uk_list_init(&v->free_bufs);
	uk_list_init(&v->free_slots);
	return start(v);
}

static struct uk_virtio_driver driver = {
	.name = "virtio-net",
	.number = NUMBER_NET,
	.probe = vnet_probe,
};

static int vnet_init(void)
{
	uk_virtio_register(&driver);
	return 0;
}

UK_INIT_BUS(vnet_init);
