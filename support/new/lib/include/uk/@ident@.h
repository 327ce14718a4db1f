/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the library offers, in a sentence.
 *
 * Rules
 * - Who may call it, in which context; who owns what is passed.
 */
#ifndef UK_@UPPER@_H
#define UK_@UPPER@_H

/** @return the sum of @a and @b, or -ERANGE when an int cannot hold it. */
int uk_@ident@_add(int a, int b);

#endif /* UK_@UPPER@_H */
