/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef STATUS_H
#define STATUS_H

/** Write bridges, their devices and what went through them to the console.
 *  Thread context. */
void status_print(void);

#endif /* STATUS_H */
