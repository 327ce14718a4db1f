/* SPDX-License-Identifier: BSD-3-Clause */
/* Format letters of the fixed-width types (no scanf: there is none here). */
#ifndef UK_LIBC_INTTYPES_H
#define UK_LIBC_INTTYPES_H

#include <stdint.h>

#if __SIZEOF_LONG__ == 8
#define UK_LIBC_P64 "l"
#define UK_LIBC_PPTR "l"
#else
#define UK_LIBC_P64 "ll"
#define UK_LIBC_PPTR ""
#endif

#define PRId8 "hh" "d"
#define PRId16 "h" "d"
#define PRId32 "d"
#define PRId64 UK_LIBC_P64 "d"
#define PRIdMAX "j" "d"
#define PRIdPTR UK_LIBC_PPTR "d"

#define PRIi8 "hh" "i"
#define PRIi16 "h" "i"
#define PRIi32 "i"
#define PRIi64 UK_LIBC_P64 "i"
#define PRIiMAX "j" "i"
#define PRIiPTR UK_LIBC_PPTR "i"

#define PRIo8 "hh" "o"
#define PRIo16 "h" "o"
#define PRIo32 "o"
#define PRIo64 UK_LIBC_P64 "o"
#define PRIoMAX "j" "o"
#define PRIoPTR UK_LIBC_PPTR "o"

#define PRIu8 "hh" "u"
#define PRIu16 "h" "u"
#define PRIu32 "u"
#define PRIu64 UK_LIBC_P64 "u"
#define PRIuMAX "j" "u"
#define PRIuPTR UK_LIBC_PPTR "u"

#define PRIx8 "hh" "x"
#define PRIx16 "h" "x"
#define PRIx32 "x"
#define PRIx64 UK_LIBC_P64 "x"
#define PRIxMAX "j" "x"
#define PRIxPTR UK_LIBC_PPTR "x"

#define PRIX8 "hh" "X"
#define PRIX16 "h" "X"
#define PRIX32 "X"
#define PRIX64 UK_LIBC_P64 "X"
#define PRIXMAX "j" "X"
#define PRIXPTR UK_LIBC_PPTR "X"

#endif /* UK_LIBC_INTTYPES_H */
