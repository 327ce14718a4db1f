/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HELLO_H
#define HELLO_H

/** Break the image if the parameter hello.crash asks for it. */
void crash_on_demand(void);

#endif /* HELLO_H */
