/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of the state machine share: a driver that takes notes, and what
 * toolstack and frontend write of its only device.
 */
#ifndef TEST_COMMON_H
#define TEST_COMMON_H

#include <stdbool.h>

#include <uk/test.h>
#include <uk/xen/xenbus.h>
#include <uk/xensim.h>

#define BE "backend/sim/3/1"
#define FE "/local/domain/3/device/sim/1"

/* ---- The driver ---- */

#define SIM_CALLS_BYTES 64
/* A letter for each call, since fresh_driver(): (p)robe, (c)onnect, publish (w), (q)uiesce,
 * (d)isconnect, (r)emove, reconfigure (n) */
extern char calls[SIM_CALLS_BYTES];
extern bool may_resume, must_resume;		/* of the last connect */
extern int probe_err, connect_err;		/* what it says, 0 or -errno */
extern struct uk_xenbus_dev *device;		/* NULL: it has none */

/* It has seen nothing yet, and will not fail. Registered by the first test. */
void fresh_driver(void);

/* ---- Toolstack and frontend ---- */

void pause_ms(unsigned int ms);
/* Wait for a node to have @value; NULL: to be gone. */
bool becomes(const char *path, const char *value);
void write_back_end(const char *online, const char *state);
void frontend(const char *state);
/* As xl attach */
void attach(void);
/* @return whether both ends are in state 4 */
bool connect(void);
void ask_detach(void);
/* Whatever the state, the nodes go, and with them the watch. */
void clean(void);

#endif /* TEST_COMMON_H */
