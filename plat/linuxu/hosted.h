/* SPDX-License-Identifier: BSD-3-Clause */
/* A hosted image as its host sees it; names that stay visible in its object
 * (hosted_link). */
#ifndef LINUXU_HOSTED_H
#define LINUXU_HOSTED_H

#include <stddef.h>

/* The image has not ended: it waits in uk_linuxu_input_next() */
#define UK_LINUXU_WAITS (-1)

/* Start the image. Returns its exit status, or UK_LINUXU_WAITS. */
int uk_linuxu_run(int argc, char **argv);

/* Hand the @len bytes to an image that waits, and go on as uk_linuxu_run(). */
int uk_linuxu_input(const void *bytes, size_t len);

#endif /* LINUXU_HOSTED_H */
