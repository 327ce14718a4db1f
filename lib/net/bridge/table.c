/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where addresses live. One hash table for all bridges.
 *
 * Addresses are whatever a peer writes into its frames, so:
 * - a port has at most bridge.port_addresses of them and then gives up its own
 *   oldest one; when the whole table is full, the port with most gives one up.
 *   Nobody can make a bridge forget another port's addresses as long as that one
 *   has no more of them.
 * - a port has at most PER_BUCKET in one bucket: a search is short whatever
 *   addresses a peer has computed. The hash has a secret besides.
 * - an address that moves more than MAX_MOVES times in WINDOW_S stays where it is
 *   for the rest of that time: a loop does not keep the table busy. If an uplink
 *   and a guest contest it, it stays with the uplink.
 * - the own address of a device of one address stays with that device.
 */
#include "bridge_priv.h"

#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/plat/time.h>

#define BUCKET_BITS 10
#define PER_BUCKET 8
#define MAX_MOVES 5
#define WINDOW_S 10

static struct address *buckets[1 << BUCKET_BITS];
static struct uk_list unused = UK_LIST_INIT(unused);
static struct uk_list ports = UK_LIST_INIT(ports);
static unsigned int n_made;		/* used or not */
static uint64_t secret;

/* Twice: whatever the secret is, addresses in a row spread. A single product
 * leaves them in a few buckets where the secret's low half is an unlucky one. */
unsigned int bridge_bucket(bridge_key key)
{
	uint64_t mixed = (key ^ key >> 32) * secret;

	mixed = (mixed ^ mixed >> 32) * 0x9e3779b97f4a7c15;
	return (unsigned int)(mixed >> (64 - BUCKET_BITS));
}

static struct address **bucket_of(bridge_key key)
{
	return &buckets[bridge_bucket(key)];
}

static void link_address(struct address *a, struct port *port, bridge_key key)
{
	struct address **bucket = bucket_of(key);

	a->port = port;
	a->key = key;
	a->next = *bucket;
	*bucket = a;
}

static void unlink_address(struct address *a)
{
	struct address **at = bucket_of(a->key);

	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
}

/* ---- Room ---- */

static void forget(struct address *a)
{
	unlink_address(a);
	uk_list_del(&a->node);
	a->port->info.n_addresses--;
	uk_list_add(&unused, &a->node);
}

static struct address *oldest_of(struct port *port)
{
	return UK_LIST_FIRST(&port->addresses, struct address, node);
}

static bool is_old(const struct address *a, struct bridge_now *now)
{
	return !a->is_own && bridge_now_s(now) - a->seen_s >= (uint32_t)bridge_options.age_s;
}

void bridge_expire(struct port *port, struct bridge_now *now)
{
	struct address *a;

	while ((a = oldest_of(port)) && is_old(a, now))
		forget(a);
}

static void evict(struct port *port)
{
	port->info.n_evicted++;
	forget(oldest_of(port));
}

static void make_addresses(void)
{
	unsigned int n = UK_MIN(UK_PAGE_SIZE / sizeof(struct address),
				(size_t)CONFIG_LIBBRIDGE_ADDRESSES - n_made);
	struct address *a = n ? uk_pages_alloc(0) : NULL;

	for (unsigned int i = 0; a && i < n; i++)
		uk_list_add(&unused, &a[i].node);
	n_made += a ? n : 0;
}

static struct port *fullest_port(struct port *best)
{
	struct port *port;

	UK_LIST_FOREACH(port, &ports, table)
		if (port->info.n_addresses > best->info.n_addresses)
			best = port;
	return best;
}

/* Make room in the table for one more. @return whether there is. */
static bool make_room(struct port *port)
{
	struct port *loser;

	if (uk_list_is_empty(&unused))
		make_addresses();
	if (!uk_list_is_empty(&unused))
		return true;
	loser = fullest_port(port);
	if (!loser->info.n_addresses)
		return false;
	evict(loser);
	return true;
}

/* Keep @port from having too many in one bucket. */
static void thin_bucket(const struct port *port, bridge_key key)
{
	struct address *a, *last = NULL;
	unsigned int n = 0;

	for (a = *bucket_of(key); a; a = a->next)
		if (a->port == port && !a->is_own) {
			n++;
			last = a;	/* new ones are put in front */
		}
	if (n >= PER_BUCKET) {
		last->port->info.n_evicted++;
		forget(last);
	}
}

/* One more of @port, @key, stays within what a port may have. */
static void keep_to_limits(struct port *port, bridge_key key, struct bridge_now *now)
{
	thin_bucket(port, key);
	bridge_expire(port, now);
	if (port->info.n_addresses && port->info.n_addresses >= (unsigned int)bridge_options.port_addresses)
		evict(port);
}

/* ---- Finding and learning ---- */

static struct address *find(bridge_key key)
{
	struct address *a = *bucket_of(key);

	while (a && a->key != key)
		a = a->next;
	return a;
}

struct address *bridge_find(bridge_key key, struct bridge_now *now)
{
	struct address *a = find(key);

	return a && !is_old(a, now) ? a : NULL;
}

static void touch(struct address *a, struct bridge_now *now)
{
	a->seen_s = bridge_now_s(now);
	uk_list_del(&a->node);
	uk_list_add_tail(&a->port->addresses, &a->node);
}

static void learn_new(struct port *port, bridge_key key, struct bridge_now *now)
{
	struct address *a;

	keep_to_limits(port, key, now);
	if (!make_room(port))
		return;
	a = UK_LIST_ENTRY(uk_list_pop(&unused), struct address, node);
	*a = (struct address) { .window_s = bridge_now_s(now) };
	uk_list_init(&a->node);
	link_address(a, port, key);
	touch(a, now);
	port->info.n_addresses++;
}

static void move(struct address *a, struct port *port, struct bridge_now *now)
{
	if (bridge_now_s(now) - a->window_s >= WINDOW_S) {
		a->window_s = bridge_now_s(now);
		a->n_moves = 0;
	}
	if (a->n_moves < MAX_MOVES) {
		a->n_moves++;
	} else if (!a->port->dev->is_edge || port->dev->is_edge) {
		port->info.n_held++;
		return;
	}
	keep_to_limits(port, a->key, now);
	port->info.n_moved++;
	a->port->info.n_addresses--;
	port->info.n_addresses++;
	a->port = port;
	touch(a, now);
}

bool bridge_learn(struct port *port, bridge_key key, struct bridge_now *now)
{
	struct address *a = find(key);

	if (uk_likely(a && a->port == port)) {
		if (!a->is_own && a->seen_s != bridge_now_s(now))
			touch(a, now);
		return true;
	}
	if (!a) {
		learn_new(port, key, now);
	} else if (!a->is_own) {
		move(a, port, now);
	} else if (port->own.key == key && port->own.is_own) {
		/* Two devices with one address: who spoke last */
		unlink_address(a);
		link_address(&port->own, port, key);
	} else {
		port->info.n_held++;
		return !port->dev->is_edge;
	}
	return true;
}

/* ---- Ports ---- */

static void own_address(struct port *port)
{
	struct address *a = find(port->own.key);

	if (a && a->is_own)
		unlink_address(a);
	else if (a)
		forget(a);
	link_address(&port->own, port, port->own.key);
}

void bridge_table_add(struct port *port)
{
	if (!secret)
		secret = (uk_plat_mono_ns() ^ uk_plat_wall_ns() << 20) * 0x9e3779b97f4a7c15 | 1;
	uk_list_init(&port->addresses);
	uk_list_add_tail(&ports, &port->table);
	if (port->dev->is_edge) {
		port->own.is_own = true;
		port->own.key = bridge_key_of(port->bridge, port->dev->mac);
		own_address(port);
	}
}

void bridge_table_remove(struct port *port)
{
	struct port *other;

	uk_list_del(&port->table);
	while (oldest_of(port))
		forget(oldest_of(port));
	if (!port->own.is_own || find(port->own.key) != &port->own)
		return;
	unlink_address(&port->own);
	UK_LIST_FOREACH(other, &ports, table) {
		if (other->own.is_own && other->own.key == port->own.key) {
			own_address(other);
			return;
		}
	}
}
