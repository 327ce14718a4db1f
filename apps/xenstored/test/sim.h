/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The daemon among simulated domains: what a test does as Xen, as dom0 and as
 * any guest.
 *
 *	struct sim_domain *d = sim_domain_new(1);
 *
 *	sim_introduce(d);
 *	sim_write(d, 0, "data/name", "value");
 *	sim_domain_end(d);
 *
 * Rules
 * - Thread context. The daemon is a thread of its own; it runs when a function
 *   here says that it "steps": until the daemon and all else wait. Time stands
 *   still meanwhile (PLAT_LINUXU_VIRTUAL_TIME).
 * - There is one daemon, and it lives as long as the process. What a test has
 *   changed it undoes; sim_reset() does so by force.
 * - The daemon is domain UK_XENSIM_SELF (7), as in production a domain that is
 *   neither dom0 nor a guest. Privileged is dom0, sim_dom0(), and only it.
 * - Errors of the daemon's come as -errno, as the wire names them.
 * - Replies and events are taken from a domain's ring at the end of each step,
 *   unless it is deaf, and wait in a buffer until a test takes them.
 */
#ifndef SIM_H
#define SIM_H

#include <errno.h>	/* decides what xs_wire.h has */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/io/xs_wire.h>

#include <uk/alloc.h>

#define SIM_MAX_GUESTS 8
/* The longest message, a final NUL that sim_take() adds included */
#define SIM_MSG_BYTES (sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX + 1)

struct sim_domain {
	domid_t id;
	struct xenstore_domain_interface *ring;	/* the page granted as reference 1 */
	uint32_t port;		/* this end; what XS_INTRODUCE names */
	bool is_deaf;		/* leaves replies and events in the ring */
	uint32_t req_id;	/* of the last request */
	uint32_t n_lost;	/* bytes that found no room in the buffer */
	size_t n_in;
	char *in;		/* received, whole messages and a part of one */
};

struct sim_msg {
	struct xsd_sockmsg hdr;
	char payload[XENSTORE_PAYLOAD_MAX + 1];	/* a NUL follows it */
};

/* ---- The daemon ---------------------------------------------------------- */

/** Start it, with dom0's ring; steps. No effect when it runs. */
void sim_start(void);

/** Let it work until it waits. */
void sim_step(void);

/** Let @ms milliseconds pass, with all that happens in them. */
void sim_advance_ms(unsigned int ms);

/** dom0, introduced from the start. Starts the daemon. */
struct sim_domain *sim_dom0(void);

/** Memory in use, of the whole image: compare two of these. */
struct uk_heap_stats sim_memory(void);

/** How often the daemon has found its data base corrupt, or itself wrong, in all. */
unsigned int sim_corruptions(void);

/** Records in the data base, those of transactions included. */
unsigned int sim_records(void);

/**
 * End all guests, end dom0's transactions and watches, remove all nodes but
 * those of the start, and let a minute pass.
 * @return 0; -EBUSY: a page of a domain that ended is still mapped; -errno of the
 *	step that failed.
 */
int sim_reset(void);

/* ---- Domains, as Xen makes and ends them --------------------------------- */

/** A domain that Xen knows, with a ring page and an event channel, that is not
 *  introduced. @id: 1 to 63, not 7. @return NULL: out of memory; @id is taken. */
struct sim_domain *sim_domain_new(domid_t id);

/** NULL: there is none. */
struct sim_domain *sim_domain_find(domid_t id);

/** Xen says that it has shut down, or crashed; steps. */
void sim_shutdown(struct sim_domain *d);

/** Xen says that it is being torn down; steps. */
void sim_dying(struct sim_domain *d);

/** It is gone, for Xen too; steps, then frees @d. @return false: the daemon still has
 *  its page mapped, as it may while another domain's target it was. */
bool sim_domain_end(struct sim_domain *d);

/* ---- What dom0's toolstack asks for; each steps -------------------------- */

int sim_introduce(struct sim_domain *d);
int sim_release(struct sim_domain *d);
/** Make its folder, /local/domain/<id>, where it may then do what it likes. */
int sim_give_home(struct sim_domain *d);
int sim_set_target(struct sim_domain *d, struct sim_domain *target);

/** XS_CONTROL: words up to a NULL. @out: the reply; may be NULL.
 *	sim_control(NULL, "quota", "set", "nodes", "10", NULL) */
int sim_control(struct sim_msg *out, ...);

/** What the daemon accounts @d with. @what: "nodes", "watches", "transactions",
 *  "outstanding", "memory". @return INT_MIN: it does not know @d or @what. */
int sim_account(struct sim_domain *d, const char *what);
/** The same in two steps: ask, then look for more than one thing. */
int sim_accounts(struct sim_domain *d, struct sim_msg *m);
int sim_account_of(const struct sim_msg *m, const char *what);

/* ---- The ring, byte by byte; nothing here steps -------------------------- */

/** Put bytes into the request ring and kick the daemon. @return how many had
 *  room. */
size_t sim_put(struct sim_domain *d, const void *bytes, size_t len);

/** Kick only. */
void sim_kick(struct sim_domain *d);

/** Take what is in the response ring into the buffer. @return whether there
 *  was something. */
bool sim_drain(struct sim_domain *d);

/* ---- Messages ------------------------------------------------------------ */

/** Put a request into the ring without waiting for anything. @return its
 *  request id; 0: it did not fit, part of it may be there. */
uint32_t sim_post(struct sim_domain *d, uint32_t type, uint32_t tx, const void *payload,
		  size_t len);

/** The oldest reply that waits, events left out. @return false: none. */
bool sim_take(struct sim_domain *d, struct sim_msg *m);

/** The oldest event that waits. @path: XENSTORE_PAYLOAD_MAX + 1 bytes, of which the
 *  token follows the path's NUL; @token: set to it, may be NULL. */
bool sim_take_event(struct sim_domain *d, char *path, const char **token);

/** Drop all that has been received. */
void sim_forget(struct sim_domain *d);

/**
 * A request and its reply; steps. Replies to earlier requests are dropped,
 * events are kept.
 * @reply: may be NULL.
 * @return 0; the reply's error; -ETIMEDOUT: no reply (the ring is full, the
 *	daemon ignores this domain or holds its requests back).
 */
int sim_request(struct sim_domain *d, uint32_t type, uint32_t tx, const void *payload,
		size_t len, struct sim_msg *reply);

/** The same with strings up to a NULL, each with its final NUL. */
int sim_ask(struct sim_domain *d, uint32_t type, uint32_t tx, struct sim_msg *reply, ...);

/** @value: a string; its final NUL is not written. */
int sim_write(struct sim_domain *d, uint32_t tx, const char *path, const char *value);

/** @value: with a final NUL. @return length, or -errno; -E2BIG: longer than that. */
int sim_read(struct sim_domain *d, uint32_t tx, const char *path, char *value, size_t size);

/** @perms: "n1", then "r2" and the like, up to a NULL. */
int sim_set_perms(struct sim_domain *d, uint32_t tx, const char *path, ...);

int sim_mkdir(struct sim_domain *d, uint32_t tx, const char *path);
int sim_rm(struct sim_domain *d, uint32_t tx, const char *path);
int sim_watch(struct sim_domain *d, const char *path, const char *token);
int sim_unwatch(struct sim_domain *d, const char *path, const char *token);

/** @tx: set. */
int sim_begin(struct sim_domain *d, uint32_t *tx);
int sim_end(struct sim_domain *d, uint32_t tx, bool commit);

#endif /* SIM_H */
