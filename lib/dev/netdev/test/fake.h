/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A network device and packets for tests: everything is counted, what is sent is
 * kept as plain bytes. A packet's fragments may lie "in another domain": then
 * only the device it came from, or fake_sent, can read them.
 */
#ifndef FAKE_H
#define FAKE_H

#include <uk/netdev_driver.h>

struct fake {
	struct uk_netdev dev;
	bool is_slow;			/* keeps packets until fake_flush() */
	bool is_fetch_bad;		/* every other packet cannot be fetched */
	unsigned int n_fetch_calls, n_fetched;
	struct uk_list queue;		/* of uk_net_pkt */
	struct uk_list sent;		/* of fake_sent */
	unsigned int n_sent, n_send_calls;
};

struct fake_sent {
	struct uk_list node;
	struct uk_net_pkt pkt;		/* its descriptor, as it was */
	bool is_foreign;		/* some of it */
	uint8_t bytes[];		/* pkt.len_bytes */
};

/* Packets and fake_sent that have not been given back */
extern unsigned int fake_n_pkts, fake_n_sent;

void fake_init(struct fake *fake, const char *name, uint8_t last_of_mac, uint16_t can);
void fake_attach(struct fake *fake, const char *name, uint8_t last_of_mac, uint16_t can);
/* Detach, give back what is queued, forget what was sent. */
void fake_end(struct fake *fake);
void fake_flush(struct fake *fake);

/* The oldest thing sent, or NULL; the caller frees it with fake_sent_free(). */
struct fake_sent *fake_next(struct fake *fake);
void fake_sent_free(struct fake_sent *sent);
/* Forget what was sent. @return how many that were. */
unsigned int fake_take(struct fake *fake);

/* A packet with these bytes: @head_bytes of them in the head, the rest in
 * fragments of @frag_bytes at most. */
struct uk_net_pkt *fake_pkt(const uint8_t *bytes, size_t len, size_t head_bytes,
			    size_t frag_bytes, bool is_foreign);

/* An Ethernet frame of @len bytes: 02:00:00:00:00:xx, or for 0xff to everybody. */
struct uk_net_pkt *fake_frame(uint8_t to, uint8_t from, size_t len);

/* It comes in, alone. */
void fake_receive(struct fake *fake, struct uk_net_pkt *pkt);

#endif /* FAKE_H */
