/* SPDX-License-Identifier: BSD-3-Clause */
/* What the image does, in a sentence. */
#include <uk/plat/boot.h>
#include <uk/print.h>

int main(int argc, char *argv[])
{
	uk_console_printf("%s: %d argument(s)\n", argv[0], argc - 1);
	return 0;
}
