/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of netdev share. */
#ifndef NETDEV_PRIV_H
#define NETDEV_PRIV_H

#include <string.h>

#include <uk/netdev_driver.h>
#include <uk/util.h>

#define ETH_HEADER_BYTES 14
#define VLAN_TAG_BYTES 4

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_CVLAN 0x8100
#define ETHERTYPE_SVLAN 0x88a8

#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

#define TCP_CSUM_OFFSET 16
#define UDP_CSUM_OFFSET 6

/* Big-endian numbers at any address */
static inline uint16_t get_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline void put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)get_be16(p) << 16 | get_be16(p + 2);
}

static inline void put_be32(uint8_t *p, uint32_t v)
{
	put_be16(p, (uint16_t)(v >> 16));
	put_be16(p + 2, (uint16_t)v);
}

/* ---- netdev.c ---- */

/* Tests replace it. */
extern const struct uk_net_switch *netdev_switch;

/* ---- network.c ---- */

extern const char *netdev_networks;

/* What it says of the device that is to be called @name: @network
 * (UK_NET_NAME_BYTES) becomes a name, or "" for the default.
 * @return 0, or -ENAMETOOLONG. */
int netdev_network_of(const char *name, char *network);

/* ---- csum.c ---- */

/*
 * Internet checksum (RFC 1071) of a run of bytes: @sum so far, and on. Sums are
 * of 16-bit words as memory holds them, whatever the machine's order; a run
 * that is not the last one must have an even length.
 */
uint64_t netdev_sum(const void *bytes, size_t len, uint64_t sum);

/* The 16 bits of a sum */
uint16_t netdev_fold(uint64_t sum);

/* The sum of addresses, length and protocol that is part of TCP's and UDP's
 * checksum (RFC 9293, RFC 8200 8.1). */
uint64_t netdev_pseudo_sum(const struct uk_net_pkt *pkt, const struct uk_net_layout *lay,
			   uint32_t l4_bytes);

/*
 * Make the checksum of a packet whose fragments are in memory of ours.
 * @return whether its place is in the head.
 */
bool netdev_make_csum(struct uk_net_pkt *pkt);

/* ---- copy.c: packets of our own ---- */

/* Memory that packets share. */
struct netdev_buf {
	struct uk_list node;		/* of those to be fetched, or that are free */
	struct uk_net_pkt *source;	/* packet that this holds: done() with the last user */
	struct uk_netdev *dev;		/* charged with it; NULL: each device with a copy is */
	unsigned int refs;
	uint32_t n_pages;
	bool is_bad;			/* it could not be fetched */
	uint8_t bytes[] uk_aligned(16);
};

/*
 * @dev: who keeps it; NULL: several may. @return NULL: a limit is reached, or there
 * is no memory. One reference is the caller's.
 */
struct netdev_buf *netdev_buf_get(size_t len, struct uk_netdev *dev);
void netdev_buf_put(struct netdev_buf *buf);

/*
 * A packet of our own for @dev, with the head and the offload of @pkt, no
 * fragments, and a reference to @buf (NULL: none), which its done() gives back.
 * @return NULL: as above.
 */
struct uk_net_pkt *netdev_copy_new(struct uk_netdev *dev, const struct uk_net_pkt *pkt,
				   struct netdev_buf *buf);

/* What is in use */
struct netdev_pool {
	unsigned int max_copies;
	unsigned int n_buf_pages;
	unsigned int n_copies;
	unsigned int n_edge_copies;	/* those of them for devices of one address */
};

extern struct netdev_pool netdev_pool;

/* Let its fragments be the first @len bytes of its buffer. */
void netdev_copy_set_frags(struct uk_net_pkt *copy, size_t len);

/*
 * A buffer that copies of parts of @pkt share, one reference being the caller's.
 * Takes @pkt, its `source`: it is given back with the last of them.
 * @return NULL: no memory, and @pkt is the caller's.
 */
struct netdev_buf *netdev_buf_of(struct uk_netdev *dev, struct uk_net_pkt *pkt);

/* Whether @pkt is ours and shares a buffer that could not be filled. */
bool netdev_copy_is_bad(const struct uk_net_pkt *pkt);

/* Copy the fragments of @pkt, all in memory of ours, to @to. */
void netdev_gather(const struct uk_net_pkt *pkt, uint8_t *to);

static inline bool netdev_is_foreign(const struct uk_net_pkt *pkt)
{
	for (unsigned int i = 0; i < pkt->n_frags; i++)
		if (!pkt->frags[i].va)
			return true;
	return false;
}

/* ---- gso.c ---- */

/* A peer chooses how large the pieces of a packet are. 256 make 64 KiB of pieces
 * that are half as long as every host must take. */
#define NETDEV_MAX_FRAMES 256

/* Cut @pkt into @frames, for @dev, their checksums blank. Takes @pkt, which is in
 * no list. Drops what cannot be cut. */
void netdev_cut(struct uk_netdev *dev, struct uk_net_pkt *pkt, struct uk_list *frames);

/* ---- adapt.c ---- */

/*
 * Have everything in dev->sending that @dev cannot send replaced or dropped:
 * first for all devices, then netdev_adapt_fetch() once, then what is left.
 */
void netdev_adapt_begin(struct uk_netdev *dev);
void netdev_adapt_fetch(void);
void netdev_adapt_finish(struct uk_netdev *dev);

/* Have @buf filled at the next netdev_adapt_fetch() with what lies behind the
 * head of @pkt. Takes @pkt; takes a reference of its own. */
void netdev_adapt_want(struct netdev_buf *buf, struct uk_net_pkt *pkt);

#endif /* NETDEV_PRIV_H */
