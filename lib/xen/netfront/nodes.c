/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is read and written in xenstore. The toolstack has made our own directory;
 * the back end's nodes are another domain's: strict numbers, or they count as
 * absent.
 */
#include "netfront_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/param.h>
#include <uk/print.h>

#define MIN_MTU_BYTES 68u		/* RFC 791 */
#define MAX_MTU_BYTES (UK_NET_MAX_BYTES - 18)
/* Of a back end that takes one page a packet */
#define PAGE_MTU_BYTES (UK_PAGE_SIZE - 18)
#define DEFAULT_MTU_BYTES 1500

uint64_t netfront_max_queues = 1;
UK_PARAM(netfront_queues, "netfront.queues", UK_PARAM_U64, &netfront_max_queues,
	 "most queues of an interface that another domain serves, 1 to 4");

/* ---- Our own directory ---- */

static bool parse_hex(const char *text, uint8_t *val)
{
	*val = 0;
	for (unsigned int i = 0; i < 2; i++) {
		unsigned int c = (unsigned char)text[i] | 0x20;

		if (c - '0' > 9 && c - 'a' > 5)
			return false;
		*val = (uint8_t)(*val << 4 | (c >= 'a' ? c - 'a' + 10 : c - '0'));
	}
	return true;
}

static bool parse_mac(const char *text, uint8_t *mac)
{
	if (strlen(text) != 3 * UK_NET_MAC_BYTES - 1)
		return false;
	for (unsigned int i = 0; i < UK_NET_MAC_BYTES; i++, text += 3)
		if (!parse_hex(text, &mac[i]) || (i + 1 < UK_NET_MAC_BYTES && text[2] != ':'))
			return false;
	return !(mac[0] & 1);
}

int netfront_read_own(struct netfront *nf, char *why)
{
	const char *fe = nf->dev->fe;
	char text[24] = "";
	uint64_t mtu = DEFAULT_MTU_BYTES, trusted = 1;
	ssize_t n = uk_xs_read(UK_XS_NO_TX, fe, "mac", text, sizeof(text));

	if (n < 0 || !parse_mac(text, nf->netdev.mac)) {
		uk_snprintf(why, UK_XENFRONT_WHY_BYTES, "its mac is no address of a station");
		return n < 0 ? (int)n : -EINVAL;
	}
	uk_xs_read_dec(UK_XS_NO_TX, fe, "mtu", MAX_MTU_BYTES, &mtu);
	if (mtu < MIN_MTU_BYTES)
		mtu = DEFAULT_MTU_BYTES;
	nf->mtu_bytes = (uint16_t)mtu;
	/* 0: what lies beside a packet in its page is not for the back end to see */
	uk_xs_read_dec(UK_XS_NO_TX, fe, "trusted", 1, &trusted);
	nf->is_trusted = trusted;
	return 0;
}

/* ---- The back end's ---- */

static uint16_t abilities(const struct netfront *nf)
{
	const struct uk_xenfront_dev *dev = nf->dev;
	uint16_t can = 0;

	if (!uk_xenfront_be_has(dev, "feature-no-csum-offload"))
		can |= UK_NETDEV_CAN_CSUM4;
	if (uk_xenfront_be_has(dev, "feature-ipv6-csum-offload"))
		can |= UK_NETDEV_CAN_CSUM6;
	if (!nf->has_sg)
		return can;
	can |= UK_NETDEV_CAN_FRAGS;
	if (uk_xenfront_be_has(dev, "feature-gso-tcpv4"))
		can |= UK_NETDEV_CAN_GSO4;
	if (uk_xenfront_be_has(dev, "feature-gso-tcpv6"))
		can |= UK_NETDEV_CAN_GSO6;
	return can;
}

int netfront_read_backend(struct netfront *nf, unsigned int *n_queues, bool *is_split, char *why)
{
	uint64_t n = 1;

	if (!uk_xenfront_be_has(nf->dev, "feature-rx-copy")) {
		uk_snprintf(why, UK_XENFRONT_WHY_BYTES, "the back end has no feature-rx-copy");
		return -EOPNOTSUPP;
	}
	nf->has_sg = uk_xenfront_be_has(nf->dev, "feature-sg");
	nf->netdev.can = abilities(nf);
	nf->netdev.mtu_bytes = nf->has_sg ? nf->mtu_bytes
					  : UK_MIN(nf->mtu_bytes, (uint16_t)PAGE_MTU_BYTES);
	*is_split = uk_xenfront_be_has(nf->dev, "feature-split-event-channels");
	if (uk_xs_read_dec(UK_XS_NO_TX, nf->dev->be, "multi-queue-max-queues", UINT32_MAX, &n))
		n = 1;
	n = UK_MIN(n, netfront_max_queues);
	n = UK_MIN(n, (uint64_t)NETFRONT_MAX_QUEUES);
	*n_queues = UK_MAX((unsigned int)n, 1u);
	return 0;
}

/* ---- What it reads ---- */

static int write_queue(uk_xs_tx_t tx, const char *dir, const struct netfront_queue *q)
{
	int err = uk_xs_printf(tx, dir, "tx-ring-ref", "%u", q->rings[0].ref);

	if (!err)
		err = uk_xs_printf(tx, dir, "rx-ring-ref", "%u", q->rings[1].ref);
	if (!err)
		err = uk_xs_printf(tx, dir, q->is_split ? "event-channel-tx" : "event-channel",
				   "%u", q->port);
	if (!err && q->is_split)
		err = uk_xs_printf(tx, dir, "event-channel-rx", "%u", q->rx_port);
	return err;
}

static int write_features(uk_xs_tx_t tx, const char *dir)
{
	static const char *const features[] = {
		"request-rx-copy", "feature-rx-notify", "feature-sg", "feature-gso-tcpv4",
		"feature-gso-tcpv6", "feature-ipv6-csum-offload",
	};
	int err = 0;

	for (unsigned int i = 0; !err && i < UK_ARRAY_SIZE(features); i++)
		err = uk_xs_write(tx, dir, features[i], "1");
	return err;
}

/* Where a connection before this one had them */
static int clear(uk_xs_tx_t tx, const char *fe)
{
	static const char *const nodes[] = {
		"tx-ring-ref", "rx-ring-ref", "event-channel", "event-channel-tx",
		"event-channel-rx", "multi-queue-num-queues",
	};
	int err = 0;

	for (unsigned int i = 0; !err && i < UK_ARRAY_SIZE(nodes); i++)
		err = uk_xs_rm(tx, fe, nodes[i]);
	return err;
}

int netfront_publish(struct uk_xenfront_dev *dev, uk_xs_tx_t tx)
{
	const struct netfront *nf = dev->priv;
	char dir[sizeof(dev->fe) + 12];
	int err = clear(tx, dev->fe);

	if (!err && nf->n_queues == 1)
		err = write_queue(tx, dev->fe, nf->queues[0]);
	for (unsigned int i = 0; !err && nf->n_queues > 1 && i < nf->n_queues; i++) {
		uk_snprintf(dir, sizeof(dir), "%s/queue-%u", dev->fe, i);
		err = write_queue(tx, dir, nf->queues[i]);
	}
	if (!err && nf->n_queues > 1)
		err = uk_xs_printf(tx, dev->fe, "multi-queue-num-queues", "%u", nf->n_queues);
	return err ? err : write_features(tx, dev->fe);
}
