/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What needs neither files nor processes.
 *
 * Rules
 * - sleep() and usleep() block: thread context; other threads run meanwhile.
 */
#ifndef UK_LIBC_UNISTD_H
#define UK_LIBC_UNISTD_H

#include <stddef.h>
#include <sys/types.h>

/** @return 0: nothing interrupts a sleep here. */
unsigned int sleep(unsigned int seconds);
int usleep(useconds_t us);
void _exit(int status) __attribute__((noreturn));
int getpagesize(void);

#endif /* UK_LIBC_UNISTD_H */
