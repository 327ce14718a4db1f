/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uk/cpio.h>
#include <uk/ramfs.h>
#include <uk/test.h>

#define DIR_MODE 040755
#define FILE_MODE 0100644
#define LINK_MODE 0120777
#define HEADER_BYTES 110

static char archive[2048];	/* no more than needed is read */
static size_t len;

static void add(unsigned int mode, const char *name, const char *data)
{
	len += sprintf(archive + len, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		       0, mode, 0, 0, 1, 0, (unsigned int)strlen(data), 0, 0, 0, 0,
		       (unsigned int)strlen(name) + 1, 0);
	strcpy(archive + len, name);
	for (len += strlen(name) + 1; len % 4; len++)
		archive[len] = 0;
	strcpy(archive + len, data);
	for (len += strlen(data); len % 4; len++)
		archive[len] = 0;
}

static void make(void)
{
	len = 0;
	add(DIR_MODE, ".", "");
	add(DIR_MODE, "./etc", "");
	add(FILE_MODE, "./etc/motd", "hello\n");
	add(LINK_MODE, "./etc/link", "motd");
	add(FILE_MODE, "/empty", "");
	add(0, "TRAILER!!!", "");
}

static void remove_all(void)
{
	unlink("/t/etc/motd");
	unlink("/t/empty");
	rmdir("/t/etc");
	rmdir("/t");
}

UK_TEST(cpio, test_files_appear)
{
	struct stat st;
	char line[16] = "";
	FILE *f;

	make();
	uk_ramfs_mkdir("/t", 0755);
	UK_EXPECT_EQ(uk_cpio_unpack(archive, len, "/t"), 5);
	f = fopen("/t/etc/motd", "r");
	if (UK_EXPECT(f)) {
		UK_EXPECT(fgets(line, sizeof(line), f));
		UK_EXPECT_STR(line, "hello\n");
		fclose(f);
	}
	UK_EXPECT_EQ(stat("/t/etc", &st), 0);
	UK_EXPECT_EQ(st.st_mode, DIR_MODE);
	UK_EXPECT_EQ(stat("/t/empty", &st), 0);
	UK_EXPECT_EQ(st.st_size, 0);
	UK_EXPECT_EQ(access("/t/etc/link", F_OK), -1);
	remove_all();
}

/* Each prefix, and each byte damaged: nothing is read outside (the sanitizers
 * see it), and it is said that something is wrong */
UK_TEST(cpio, test_damage_is_found)
{
	size_t trailer;
	char *copy;

	make();
	uk_ramfs_mkdir("/t", 0755);
	trailer = len - 124;
	for (size_t n = 0; n <= trailer; n++)
		UK_EXPECT(uk_cpio_unpack(archive, n, "/t") < 0);
	UK_EXPECT_EQ(uk_cpio_unpack("not an archive", 14, "/t"), -EINVAL);
	copy = strstr(archive, "070701");
	for (size_t i = 0; i < HEADER_BYTES; i++) {
		char old = copy[i];

		copy[i] = 'z';
		uk_cpio_unpack(archive, len, "/t");
		copy[i] = 'F';
		uk_cpio_unpack(archive, len, "/t");
		copy[i] = old;
	}
	remove_all();
}
