/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What fuzzers of back ends have in common (doc/fuzzing.md): an input is played by two
 * hostile frontends; then what must hold is checked, and they are taken away. What
 * does not hold ends the image, for which libFuzzer keeps the input.
 *
 * Rules
 * - Thread context, in virtual time: whatever sleeps here costs nothing.
 * - The image has no test harness: expectations of what it shares with unit tests end
 *   it, too.
 */
#ifndef UK_XEN_FRONTSIM_FUZZ_H
#define UK_XEN_FRONTSIM_FUZZ_H

#include <stdbool.h>

#include <uk/xen/frontsim.h>
#include <uk/xen/frontsim_input.h>

/** Ends the image unless it @holds, and says so. */
void uk_frontsim_must(const char *file, int line, const char *what, bool holds);
#define must(cond) uk_frontsim_must(__FILE_NAME__, __LINE__, #cond, cond)

/** What is under test, by what is done with it. */
struct uk_frontsim_fuzz {
	unsigned int n_actions;
	/* Do in->action, which is below n_actions, with the arguments that are next in
	 * @in. in->who: 0 or 1. */
	void (*act)(struct uk_frontsim_input *in);
	/* The input is over: check, and take all away. What uk_frontsim_use() counts
	 * must be as it was before. */
	void (*finish)(void);
};

/** Play inputs for ever. What is there when it is called stays. */
void uk_frontsim_fuzz_run(const struct uk_frontsim_fuzz *target) __attribute__((noreturn));

/* ---- How hostile frontends come and go ---- */

enum uk_frontsim_life {
	UK_FRONTSIM_CLOSE,	/* state 5 */
	UK_FRONTSIM_OFFER,	/* closed, then from the beginning with rings as they were */
	UK_FRONTSIM_FRESH,	/* the same with new rings */
	UK_FRONTSIM_CONNECT,	/* the state in which rings are offered */
	UK_FRONTSIM_DETACH,	/* the toolstack's; it does not answer */
	UK_FRONTSIM_VANISH,	/* its nodes are removed */
	UK_FRONTSIM_END,	/* its domain dies */
	UK_FRONTSIM_ANEW,	/* detached; attached with other options */
	UK_FRONTSIM_N_LIVES,
};

/** The domain of hostile frontend @i, from now on alive. An innocent one may be
 *  UK_FRONTSIM_INNOCENT_DOM, which is between them. */
#define UK_FRONTSIM_INNOCENT_DOM 4
domid_t uk_frontsim_hostile_dom(unsigned int i);
/** Sleep until the back end has done what it is to do. */
void uk_frontsim_settle(void);
/** State 6, and state 1. */
void uk_frontsim_reopen(const struct uk_frontsim *f);
/** UK_FRONTSIM_DETACH, if it is not yet gone. */
void uk_frontsim_leave_unanswered(const struct uk_frontsim *f);
/** Its domain dies, and with it its nodes, ports and grants. */
void uk_frontsim_end_domain(const struct uk_frontsim *f);
/** Detach it, whatever it has become: the back end must not know it any more. */
void uk_frontsim_take_away(const struct uk_frontsim *f);

#endif /* UK_XEN_FRONTSIM_FUZZ_H */
