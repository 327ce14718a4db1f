/* SPDX-License-Identifier: BSD-3-Clause */
/* Compiled against the host's C library, outside of the pre-linked image. */
#include "hosted.h"

int main(int argc, char **argv)
{
	return uk_linuxu_run(argc, argv);
}
