/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory that guests do not get.
 *
 * Rules
 * - The daemon says on whose behalf it works; allocations are judged by that. A
 *   guest's requests leave two reserves alone. What gives memory back (a removal,
 *   the end of a transaction or a watch), and the message that asks for it, may use
 *   the smaller one. dom0, and what the daemon does of itself, may use both.
 * - What was used is put back, before guests get any, as soon as there is memory.
 */
#ifndef RESERVE_H
#define RESERVE_H

#include <stddef.h>

enum reserve_user {
	RESERVE_GUEST,
	RESERVE_REMOVAL,
	RESERVE_HOST,
};

/** From now on for @user. At the start: RESERVE_HOST. @return for whom until now. */
enum reserve_user reserve_for(enum reserve_user user);

/** Memory and reserves in numbers, as text of some lines. */
void reserve_report(char *text, size_t size);

#endif /* RESERVE_H */
