/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory that guests do not get.
 *
 * Rules
 * - The daemon says on whose behalf it works; allocations are judged by that. A
 *   guest's requests leave two reserves alone. What gives memory back (a removal,
 *   the end of a transaction or a watch), and the message that asks for it, may use
 *   the smaller one. What dom0 stores may use the larger one. All else that dom0 asks
 *   for, and what the daemon does of itself, may use both.
 * - What was used is put back as soon as there is memory, before anything is stored,
 *   that for removals first.
 */
#ifndef RESERVE_H
#define RESERVE_H

#include <stdbool.h>
#include <stddef.h>

enum reserve_user {
	RESERVE_GUEST,
	RESERVE_REMOVAL,
	RESERVE_HOST_STORES,
	RESERVE_HOST,
};

/** From now on for @user. At the start: RESERVE_HOST. @return for whom until now. */
enum reserve_user reserve_for(enum reserve_user user);

/**
 * Is a request of the present user's to be refused without a try? Where the reserve
 * for removals could not be put back, for the most part, what is stored would settle
 * in the gaps between its pieces.
 */
bool reserve_refuses(void);

/** Memory and reserves in numbers, as text of some lines. */
void reserve_report(char *text, size_t size);

#endif /* RESERVE_H */
