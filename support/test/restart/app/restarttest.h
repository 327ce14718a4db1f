/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RESTARTTEST_H
#define RESTARTTEST_H

/* ---- hold.c: what Xen keeps count of ---- */

/** Have pages mapped, ports bound and pages offered, many of each, and leave
 *  them to the next life. */
void hold(void);

/** What of kept pages, grants and ports has come through. */
void look(void);

/* ---- end.c: ways to end a life ---- */

/** @return: @kind is none of them. */
void end(const char *kind);

#endif /* RESTARTTEST_H */
