/* SPDX-License-Identifier: BSD-3-Clause */
/* Plays the actions of an input. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uk/util.h>

#define ACTION(b) ((b) & 15)
#define DOMAIN(b) ((b) >> 4 & 3)
#define IS_SILENT(b) ((b) & 64)
#define MAX_ACTIONS 256
#define MAX_ACTION_BYTES 1024

/* An action, without escapes. */
struct input {
	uint8_t bytes[MAX_ACTION_BYTES];
	size_t at, len;
};

static const char *const words[256] = {
#define WORD(byte, text) [byte] = text,
#include "fuzz_words.h"
};

static struct fuzz_domain state[FUZZ_N_DOMAINS];
static bool has_given;

bool fuzz_has_given(void)
{
	return has_given;
}

/* ---- Reading ------------------------------------------------------------- */

/* The next action. @return false: there is none. */
static bool next(struct input *in, const uint8_t **p, const uint8_t *end)
{
	uint8_t b;

	in->at = in->len = 0;
	if (*p == end)
		return false;
	while (*p < end && (b = *(*p)++) != FUZZ_END_OF_ACTION) {
		if (b == FUZZ_ESCAPE && *p < end)
			b = (uint8_t)(FUZZ_ESCAPE + (*(*p)++ & 1));
		if (in->len < sizeof(in->bytes))
			in->bytes[in->len++] = b;
	}
	return true;
}

static uint8_t get(struct input *in)
{
	return in->at < in->len ? in->bytes[in->at++] : 0;
}

static uint16_t get2(struct input *in)
{
	uint16_t low = get(in);

	return (uint16_t)(low | get(in) << 8);
}

/* A payload, its words put in. */
static size_t get_payload(struct input *in, uint8_t *out, size_t size)
{
	size_t len = 0, add;

	for (; in->at < in->len; in->at++) {
		const uint8_t *byte = &in->bytes[in->at];
		const char *w = words[*byte];

		add = w ? strlen(w) : 1;
		if (add > size - len)
			break;
		memcpy(out + len, w ? (const void *)w : byte, add);
		len += add;
	}
	return len;
}

/* ---- Messages ------------------------------------------------------------ */

static bool begins(const struct fuzz_domain *s, const char *path)
{
	return s->n_msg >= strlen(path) && !memcmp(s->msg, path, strlen(path));
}

/* What the toolstack would not do either. */
static bool may_dom0_send(struct fuzz_domain *s)
{
	switch (s->type) {
	case XS_INTRODUCE:
	case XS_SET_TARGET:
		return false;
	case XS_CONTROL:
		return begins(s, "check");
	case XS_WRITE:
	case XS_MKDIR:
		has_given = true;	/* below a guest's node: they are its own */
		return true;
	case XS_SET_PERMS:
		has_given = true;
		return !begins(s, "/tool") && s->n_msg > 1 && s->msg[1];
	default:
		return true;
	}
}

static uint32_t tx_id(const struct fuzz_domain *s, uint8_t n)
{
	return n && n <= FUZZ_N_TX ? s->tx[n - 1] : n;
}

static void note_replies(struct sim_domain *d, struct fuzz_domain *s)
{
	static struct sim_msg m;

	while (sim_take(d, &m)) {
		if (m.hdr.type != XS_TRANSACTION_START)
			continue;
		memmove(s->tx + 1, s->tx, sizeof(s->tx) - sizeof(s->tx[0]));
		s->tx[0] = (uint32_t)strtoul(m.payload, NULL, 10);
	}
	sim_forget(d);
}

/* As far as the daemon takes it: one that is stalled, or ignores us, does not. */
static void put(struct sim_domain *d, const void *bytes, size_t len)
{
	const char *p = bytes;
	size_t n;

	for (; len; p += n, len -= n) {
		n = sim_put(d, p, len);
		if (n)
			continue;
		sim_step();
		n = sim_put(d, p, len);
		if (!n)
			return;
	}
}

static void send(struct sim_domain *d, struct fuzz_domain *s, size_t hold_back)
{
	struct xsd_sockmsg hdr = {
		.type = s->type, .req_id = ++d->req_id, .tx_id = tx_id(s, s->tx_of_msg),
		.len = (uint32_t)s->n_msg,
	};
	uint8_t all[sizeof(s->rest)];
	size_t len = sizeof(hdr) + s->n_msg;

	if (!d->id && !may_dom0_send(s))
		return;
	memcpy(all, &hdr, sizeof(hdr));
	memcpy(all + sizeof(hdr), s->msg, s->n_msg);
	s->n_rest = d->id ? UK_MIN(hold_back, len) : 0;
	memcpy(s->rest, all + len - s->n_rest, s->n_rest);
	put(d, all, len - s->n_rest);
}

static void send_rest(struct sim_domain *d, struct fuzz_domain *s)
{
	size_t n = s->n_rest;

	s->n_rest = 0;
	if (d && n)
		put(d, s->rest, n);
}

static void read_msg(struct input *in, struct fuzz_domain *s)
{
	s->type = get(in);
	s->tx_of_msg = get(in);
	s->n_msg = get_payload(in, s->msg, sizeof(s->msg));
}

static void read_long(struct input *in, struct fuzz_domain *s)
{
	uint8_t fill;
	size_t len;

	s->type = get(in);
	s->tx_of_msg = get(in);
	fill = get(in);
	len = get2(in) % (sizeof(s->msg) + 1);
	s->n_msg = get_payload(in, s->msg, sizeof(s->msg));
	if (len > s->n_msg)
		memset(s->msg + s->n_msg, fill, len - s->n_msg);
	s->n_msg = UK_MAX(s->n_msg, len);
}

/* The number comes before the first NUL. */
static void repeat(struct sim_domain *d, struct fuzz_domain *s, unsigned int n)
{
	struct fuzz_domain *one = malloc(sizeof(*one));
	char number[8];

	for (unsigned int i = 0; one && i < n; i++) {
		size_t path = strnlen((char *)s->msg, s->n_msg);
		size_t digits = (size_t)snprintf(number, sizeof(number), "%u", i);

		*one = *s;
		if (s->n_msg + digits > sizeof(s->msg))
			break;
		memcpy(one->msg + path, number, digits);
		memcpy(one->msg + path + digits, s->msg + path, s->n_msg - path);
		one->n_msg += digits;
		send(d, one, 0);
		sim_step();
		note_replies(d, s);
	}
	free(one);
}

/* ---- Life, ring and page ------------------------------------------------- */

static void live(struct sim_domain *d, domid_t id, uint8_t what)
{
	if (!id)
		return;
	switch (what % FUZZ_N_LIVES) {
	case FUZZ_SHUTDOWN:
		return d ? sim_shutdown(d) : (void)0;
	case FUZZ_DYING:
		return d ? sim_dying(d) : (void)0;
	case FUZZ_ANEW:
	case FUZZ_END:
		if (d)
			sim_domain_end(d);
		d = NULL;
		if (what % FUZZ_N_LIVES == FUZZ_END)
			return;
		/* fall through */
	case FUZZ_NEW:
		d = d ? d : sim_domain_new(id);
		if (what % FUZZ_N_LIVES == FUZZ_NEW)
			return;
		/* fall through */
	case FUZZ_INTRODUCE:
		if (d)
			sim_introduce(d);
		return;
	case FUZZ_RELEASE:
		if (d)
			sim_release(d);
	}
}

static void change_index(struct sim_domain *d, uint8_t which, uint16_t add)
{
	XENSTORE_RING_IDX *indices[] = { &d->ring->req_prod, &d->ring->rsp_cons,
					 &d->ring->req_cons, &d->ring->rsp_prod };

	*indices[which & 3] += (XENSTORE_RING_IDX)(int16_t)add;
	sim_kick(d);
}

static void change_page(struct sim_domain *d, uint8_t at, uint8_t value)
{
	uint8_t *begin = (uint8_t *)&d->ring->req_cons;
	size_t len = sizeof(*d->ring) - offsetof(struct xenstore_domain_interface, req_cons);

	begin[at % len] = value;
	sim_kick(d);
}

static void ring_action(struct input *in, uint8_t action, struct sim_domain *d)
{
	uint8_t arg = get(in);
	uint16_t value = action == FUZZ_INDEX ? get2(in) : action == FUZZ_PAGE ? get(in) : 0;

	if (!d || !d->id)
		return;
	if (action == FUZZ_INDEX)
		change_index(d, arg, value);
	else if (action == FUZZ_PAGE)
		change_page(d, arg, (uint8_t)value);
	else
		d->is_deaf = arg & 1;
}

/* ---- The list ------------------------------------------------------------ */

static void message_action(struct input *in, uint8_t action, struct sim_domain *d,
			   struct fuzz_domain *s)
{
	size_t hold_back = action == FUZZ_SPLIT ? get(in) : 0;

	if (action == FUZZ_LONG)
		read_long(in, s);
	else
		read_msg(in, s);
	if (d)
		send(d, s, hold_back);
}

static void act(struct input *in, uint8_t head)
{
	struct sim_domain *d = sim_domain_find(DOMAIN(head)), *target;
	struct fuzz_domain *s = &state[DOMAIN(head)];
	uint8_t action = ACTION(head) % FUZZ_N_ACTIONS, n;

	send_rest(d, s);
	switch (action) {
	case FUZZ_MSG:
	case FUZZ_SPLIT:
	case FUZZ_LONG:
		message_action(in, action, d, s);
		return;
	case FUZZ_RAW:
		if (d && d->id)
			put(d, in->bytes + in->at, in->len - in->at);
		return;
	case FUZZ_LIFE:
		live(d, DOMAIN(head), get(in));
		return;
	case FUZZ_TARGET:
		target = sim_domain_find(get(in) & 3);
		if (d && target && target->id && target->id < d->id)
			sim_set_target(d, target);
		return;
	case FUZZ_TIME:
		sim_advance_ms(1u << (get(in) & 15));
		return;
	case FUZZ_REPEAT:
		n = get(in) & 63;
		if (d)
			repeat(d, s, n);
		return;
	default:
		ring_action(in, action, d);
	}
}

static void run_daemon(void)
{
	sim_step();
	for (domid_t i = 0; i < FUZZ_N_DOMAINS; i++)
		if (sim_domain_find(i))
			note_replies(sim_domain_find(i), &state[i]);
}

void fuzz_play(const uint8_t *bytes, size_t len)
{
	const uint8_t *p = bytes, *end = bytes + len;
	struct input in;

	memset(state, 0, sizeof(state));
	has_given = false;
	for (int n = 0; n < MAX_ACTIONS && next(&in, &p, end); n++) {
		uint8_t head = get(&in);

		act(&in, head);
		if (!IS_SILENT(head))
			run_daemon();
	}
	for (domid_t i = 0; i < FUZZ_N_DOMAINS; i++)
		send_rest(sim_domain_find(i), &state[i]);
	run_daemon();
}
