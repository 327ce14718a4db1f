/* SPDX-License-Identifier: BSD-3-Clause */
/* Compiled against the host's C library, outside of the pre-linked image. */
int uk_linuxu_run(int argc, char **argv);

int main(int argc, char **argv)
{
	return uk_linuxu_run(argc, argv);
}
