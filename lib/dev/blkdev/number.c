/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers of disks that are named in the order they are found. What a guest goes on with
 * after a restart (<uk/restart.h>) is named so: if one disk did not come back, the next
 * one must not be taken for it. So who was where outlives a restart. Nothing is ever
 * taken off the list.
 *
 * Who has written over this memory has made a place unknown: what is there has another
 * number then.
 */
#include "blkdev_priv.h"

#include <string.h>

#include <uk/restart.h>
#include <uk/util.h>

#define MAX_PLACES 64

static struct {
	char kind[12], where[20];
} places[MAX_PLACES] uk_kept;

unsigned int uk_blkdev_number(const char *kind, const char *where)
{
	static unsigned int n_more;
	unsigned int n = 0;

	for (unsigned int i = 0; i < MAX_PLACES; i++) {
		if (!places[i].kind[0]) {
			strlcpy(places[i].kind, kind, sizeof(places[i].kind));
			strlcpy(places[i].where, where, sizeof(places[i].where));
			return n;
		}
		if (strncmp(places[i].kind, kind, sizeof(places[i].kind)))
			continue;
		if (!strncmp(places[i].where, where, sizeof(places[i].where)))
			return n;
		n++;
	}
	return n + n_more++;
}
