/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A virtual network interface as xenbus sees it, and as the network does: from
 * the toolstack's nodes to a device that is attached to a bridge, and back.
 *
 * The guest's address, its bridge and its rate come from the toolstack, which is
 * trusted but may be mistyped. What the frontend writes is frontend.c's.
 */
#include "netback_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/assert.h>
#include <uk/boot.h>
#include <uk/print.h>

#define MIN_MTU_BYTES 68u		/* RFC 791 */
#define MAX_MTU_BYTES (UK_NET_MAX_BYTES - 18)
#define DEFAULT_MTU_BYTES 1500

/* ---- The toolstack's part ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "00:16:3e:00:00:01"; of one station. */
static bool parse_mac(const char *text, uint8_t *mac)
{
	for (int i = 0; i < UK_NET_MAC_BYTES; i++, text += 3) {
		int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0 || text[2] != (i + 1 < UK_NET_MAC_BYTES ? ':' : '\0'))
			return false;
		mac[i] = (uint8_t)(high << 4 | low);
	}
	return !(mac[0] & 1) && memcmp(mac, "\0\0\0\0\0", UK_NET_MAC_BYTES);
}

static int take_mac(struct netback_vif *vif, const struct uk_xs_value *v, char *why)
{
	if (v->len >= 0 && parse_mac(v->buf, vif->netdev.mac))
		return 0;
	uk_snprintf(why, UK_XENBUS_WHY_BYTES, "mac= is no address of a station");
	return v->len < 0 ? (int)v->len : -EINVAL;
}

static int take_mtu(struct netback_vif *vif, const struct uk_xs_value *v, char *why)
{
	uint64_t mtu = DEFAULT_MTU_BYTES;
	int err = uk_xs_value_dec(v, MAX_MTU_BYTES, &mtu);

	if (err == -ENOENT)
		err = 0;
	if (!err && mtu < MIN_MTU_BYTES)
		err = -ERANGE;
	if (err)
		uk_snprintf(why, UK_XENBUS_WHY_BYTES, "mtu= is not between %u and %u",
			    MIN_MTU_BYTES, MAX_MTU_BYTES);
	vif->netdev.mtu_bytes = (uint16_t)mtu;
	return err;
}

static int take_rate(struct netback_vif *vif, const struct uk_xs_value *v, char *why)
{
	if (v->len == -ENOENT)
		return 0;
	if (v->len >= 0 && !netback_rate_parse(&vif->rate, v->buf))
		return 0;
	uk_snprintf(why, UK_XENBUS_WHY_BYTES, "rate= makes no sense");
	return v->len < 0 ? (int)v->len : -EINVAL;
}

static int take_bridge(struct netback_vif *vif, const struct uk_xs_value *v, char *why)
{
	ssize_t n = v->len;

	if (n == -ENOENT) {
		vif->bridge[0] = '\0';
		return 0;
	}
	/* It is shown on terminals */
	for (const char *c = vif->bridge; n >= 0 && *c; c++)
		if (*c <= ' ' || *c > '~')
			n = -EINVAL;
	if (n < 0)
		uk_snprintf(why, UK_XENBUS_WHY_BYTES, "bridge= makes no sense");
	return n < 0 ? (int)n : 0;
}

/* At first while xl listens; packets for it are dropped until it connects. */
static int attach(struct netback_vif *vif, char *why)
{
	int err = 0;

	if (!vif->is_attached)
		err = uk_netdev_attach(&vif->netdev, vif->bridge, why);
	vif->is_attached = !err;
	return err;
}

/* Nobody holds a packet of its frontend's any more. */
static void detach(struct netback_vif *vif)
{
	if (vif->is_attached)
		uk_netdev_detach(&vif->netdev);
	vif->is_attached = false;
	uk_bug_on(vif->n_in_flight);
}

static int read_toolstack(struct netback_vif *vif, char *why)
{
	char mac[32], mtu[UK_XS_DEC_BYTES], rate[48];
	const char *be = vif->dev->be;
	struct uk_xs_value values[] = {
		{ be, "mac", mac, sizeof(mac), 0 },
		{ be, "mtu", mtu, sizeof(mtu), 0 },
		{ be, "rate", rate, sizeof(rate), 0 },
		{ be, "bridge", vif->bridge, sizeof(vif->bridge), 0 },
	};
	int err;

	uk_xs_read_all(values, UK_ARRAY_SIZE(values));
	err = take_mac(vif, &values[0], why);
	if (!err)
		err = take_mtu(vif, &values[1], why);
	if (!err)
		err = take_rate(vif, &values[2], why);
	if (!err)
		err = take_bridge(vif, &values[3], why);
	return err;
}

/* xenstored counts a domain's nodes: the name of a script that nobody runs makes
 * room for one of ours. */
static int write_features(uk_xs_tx_t tx, void *arg)
{
	static const char *const features[] = {
		"feature-rx-copy", "feature-sg", "feature-gso-tcpv4", "feature-gso-tcpv6",
		"feature-ipv6-csum-offload", "feature-split-event-channels",
		"feature-multicast-control",
	};
	const struct uk_xenbus_dev *dev = arg;
	int err = uk_xs_rm(tx, dev->be, "script");

	for (unsigned int i = 0; !err && i < UK_ARRAY_SIZE(features); i++)
		err = uk_xs_write(tx, dev->be, features[i], "1");
	if (!err)
		err = uk_xs_printf(tx, dev->be, "multi-queue-max-queues", "%u",
				   NETBACK_MAX_QUEUES);
	return err;
}

static const struct uk_netdev_ops ops = {
	.send = netback_rx_send,
	.forget = netback_rx_forget,
	.fetch = netback_fetch,
};

static int vif_probe(struct uk_xenbus_dev *dev, char *why)
{
	struct netback_vif *vif = uk_calloc(1, sizeof(*vif));
	int err;

	if (!vif)
		return -ENOMEM;
	netback_tx_init();
	if (!dev->may_resume)
		netback_resume_forget(dev);
	vif->dev = dev;
	vif->netdev.ops = &ops;
	vif->netdev.is_edge = true;
	vif->netdev.can = UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_FOREIGN;
	uk_snprintf(vif->netdev.name, sizeof(vif->netdev.name), "vif%u.%u", dev->remote, dev->id);
	err = read_toolstack(vif, why);
	/* They are there, of an earlier life */
	if (!err && !dev->may_resume) {
		err = uk_xs_transact(write_features, dev);
		if (err)
			uk_snprintf(why, UK_XENBUS_WHY_BYTES,
				    "xenstored refuses its nodes: is this domain's quota used up?");
	}
	if (!err)
		err = attach(vif, why);
	if (err)
		uk_free(vif);
	else
		dev->priv = vif;
	return err;
}

static void vif_remove(struct uk_xenbus_dev *dev)
{
	struct netback_vif *vif = dev->priv;

	detach(vif);
	uk_free(vif);
}

/* ---- The frontend's part ---- */

static int vif_connect(struct uk_xenbus_dev *dev, char *why)
{
	struct netback_vif *vif = dev->priv;
	int err = netback_connect_queues(vif, why);

	if (err)
		return err;
	err = attach(vif, why);
	if (err)
		netback_disconnect_queues(vif);
	return err;
}

static int vif_publish(struct uk_xenbus_dev *dev, uk_xs_tx_t tx)
{
	return uk_xs_write(tx, dev->be, "hotplug-status", "connected");
}

static void vif_quiesce(struct uk_xenbus_dev *dev)
{
	struct netback_vif *vif = dev->priv;

	for (unsigned int i = 0; i < vif->n_queues; i++)
		vif->queues[i].is_quiet = true;
}

static void vif_disconnect(struct uk_xenbus_dev *dev)
{
	struct netback_vif *vif = dev->priv;
	const struct uk_net_stats *stats = uk_netdev_stats(&vif->netdev);

	detach(vif);
	if (vif->rate.bytes)
		uk_timer_stop(&vif->rate.refill);
	netback_disconnect_queues(vif);
	uk_pr_info("netback: %s: disconnected after %llu packets from it, %llu to it\n", dev->be,
		   (unsigned long long)stats->in_packets, (unsigned long long)stats->out_packets);
}

static struct uk_xenbus_driver driver = {
	.kind = "vif",
	.ready_states = 1u << XenbusStateConnected,
	.probe = vif_probe,
	.forget = netback_resume_forget,
	.connect = vif_connect,
	.publish = vif_publish,
	.quiesce = vif_quiesce,
	.disconnect = vif_disconnect,
	.remove = vif_remove,
};

static int netback_init(void)
{
	netback_resume_init();
	uk_xenbus_register(&driver);
	return 0;
}

UK_INIT_LIB(netback_init);
