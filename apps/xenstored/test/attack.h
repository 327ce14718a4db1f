/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a guest can do to a xenstore daemon through its ring, one function for
 * each advisory. They run in the simulated domains (advisory_test.c)
 * and in a real guest (support/test/xenstored/attacker).
 *
 * Rules
 * - The guest owns a node "data", empty, below its home and nothing else that
 *   the attack needs; what it leaves behind the daemon has to bear.
 * - An attack says with wire_expect() what a sound daemon answers. What cannot
 *   be seen from the guest, its host checks: see each.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include "wire.h"

/* ---- Memory (attack_memory.c). Host: the guest's share, what others get ---- */

/* XSA-326 */
void attack_unread_replies(struct wire *w);
void attack_watch_flood(struct wire *w);
void attack_read_flood(struct wire *w);
void attack_large_transactions(struct wire *w);
void attack_long_names(struct wire *w);
void attack_nodes_in_transaction(struct wire *w);
/* XSA-416: leaves ATTACK_UNREAD replies. Host: what they cost until they are read */
void attack_unread_heavy_replies(struct wire *w);
void attack_read_heavy_replies(struct wire *w);
#define ATTACK_UNREAD 15

/* ---- Nodes (attack_nodes.c) ---- */

/* XSA-414 */
void attack_create_over_quota(struct wire *w);
/* XSA-415. Host: the store has no orphans */
void attack_orphans(struct wire *w);
/* XSA-418 */
void attack_deep_tree(struct wire *w);
/* XSA-421 */
void attack_create_and_delete(struct wire *w);
void attack_uncounted_nodes(struct wire *w);
/* XSA-440 */
void attack_negative_count(struct wire *w);

/* ---- What is not a guest's business (attack_rules.c) ---- */

/* XSA-115. Host: acts after "data/ready" is there, and writes "data/look" at last */
void attack_watch_others(struct wire *w);
#define ATTACK_SECRET "/secret"
/* XSA-324 */
void attack_long_token(struct wire *w);
/* XSA-353 */
void attack_root(struct wire *w);
/* XSA-419. Host: has a node that the guest may write, and destroys the guest */
void attack_strange_nodes(struct wire *w);
#define ATTACK_SHARED "/shared"
#define ATTACK_STRANGE 20
/* XSA-481 */
void attack_empty_domid(struct wire *w);
/* XSA-484 */
void attack_reset_watches(struct wire *w);

/* ---- The ring (attack_ring.c). They cost the guest its connection ---- */

/* XSA-325. Host: domains are released when they end, not before */
void attack_long_message(struct wire *w);
void attack_request_index(struct wire *w);
void attack_reply_index(struct wire *w);
/* Host: destroys the guest */
void attack_half_message(struct wire *w);

#endif /* ATTACK_H */
