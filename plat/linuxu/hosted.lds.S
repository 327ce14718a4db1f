/* SPDX-License-Identifier: BSD-3-Clause */
/* Hosted: the script of the pre-link (ld -r), which gathers the tables. All
 * other sections stay as they are, for the C compiler's own link. */
#include <uk/plat/link.lds.h>


SECTIONS {
	.uk_tables 0 : { UK_LDS_TABLES }
}
