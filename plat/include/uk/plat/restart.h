/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The platform's part of a restart (<uk/restart.h>).
 *
 * Rules
 * - Used with LIBRESTART only. A platform that cannot restart does nothing.
 */
#ifndef UK_PLAT_RESTART_H
#define UK_PLAT_RESTART_H

/**
 * Start the image again: initial data, no heap, from the entry on; variables of
 * the section .bss.uk_kept stay. Whatever the state of the image is, nothing of
 * it is used but kept variables. Devices have stopped.
 * @return only when it cannot be done; the reason has been printed.
 */
void uk_plat_restart(void);

#endif /* UK_PLAT_RESTART_H */
