/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uk/alloc.h>
#include <uk/ramfs.h>
#include <uk/test.h>

static int fails_with(int err, int ret)
{
	return ret == -1 && errno == err;
}

static size_t heap_used(void)
{
	struct uk_heap_stats st;

	uk_heap_stats(&st);
	return st.n_allocs;
}

UK_TEST(ramfs, test_file_keeps_what_is_written)
{
	size_t before = heap_used();
	char line[64];
	FILE *f = fopen("/motto", "w");

	if (!UK_EXPECT(f))
		return;
	for (int i = 0; i < 500; i++)
		fprintf(f, "line %d\n", i);
	UK_EXPECT_EQ(fclose(f), 0);
	f = fopen("/motto", "r+");
	UK_EXPECT_EQ(fseek(f, 7 * 3, SEEK_SET), 0);
	UK_EXPECT(fgets(line, sizeof(line), f));
	UK_EXPECT_STR(line, "line 3\n");
	UK_EXPECT_EQ(fseek(f, 0, SEEK_END), 0);
	UK_EXPECT_EQ(ftell(f), 10 * 7 + 90 * 8 + 400 * 9);
	fclose(f);
	UK_EXPECT_EQ(unlink("/motto"), 0);
	UK_EXPECT(fails_with(ENOENT, unlink("/motto")));
	UK_EXPECT_EQ(heap_used(), before);
}

UK_TEST(ramfs, test_names_are_resolved)
{
	struct stat a, b;

	UK_EXPECT_EQ(mkdir("/d", 0755), 0);
	UK_EXPECT_EQ(mkdir("/d/e/", 0700), 0);
	UK_EXPECT(fails_with(EEXIST, mkdir("/d/./e", 0700)));
	UK_EXPECT(fails_with(ENOENT, mkdir("/x/y", 0700)));
	UK_EXPECT_EQ(stat("/d//e/..", &a), 0);
	UK_EXPECT_EQ(stat("/../d/", &b), 0);
	UK_EXPECT(S_ISDIR(a.st_mode) && a.st_ino == b.st_ino);
	UK_EXPECT(fails_with(ENOTDIR, access("/dev/null/x", F_OK)));
	UK_EXPECT(fails_with(ENOTDIR, access("/dev/null/", F_OK)));
	UK_EXPECT(fails_with(ENOENT, access("", F_OK)));
	UK_EXPECT(fails_with(ENOTEMPTY, rmdir("/d")));
	UK_EXPECT_EQ(rmdir("/d/e"), 0);
	UK_EXPECT_EQ(rmdir("/d"), 0);
	UK_EXPECT(fails_with(EBUSY, rmdir("/")));
}

UK_TEST(ramfs, test_working_directory_moves)
{
	char buf[100];
	int dir;

	mkdir("/w", 0755);
	mkdir("/w/inner", 0755);
	UK_EXPECT_EQ(chdir("/w/inner"), 0);
	UK_EXPECT_STR(getcwd(buf, sizeof(buf)), "/w/inner");
	UK_EXPECT(!getcwd(buf, 5));
	UK_EXPECT_EQ(errno, ERANGE);
	dir = open("..", O_RDONLY | O_DIRECTORY);
	UK_EXPECT(dir >= 0);
	UK_EXPECT_EQ(rmdir("/w/inner"), 0);
	UK_EXPECT(!getcwd(buf, sizeof(buf)));
	UK_EXPECT(fails_with(ENOENT, open("new", O_CREAT | O_WRONLY, 0600)));
	UK_EXPECT_EQ(fchdir(dir), 0);
	UK_EXPECT_STR(getcwd(buf, sizeof(buf)), "/w");
	UK_EXPECT_EQ(chdir("/"), 0);
	UK_EXPECT_STR(getcwd(buf, sizeof(buf)), "/");
	UK_EXPECT_EQ(close(openat(dir, "file", O_CREAT | O_WRONLY, 0600)), 0);
	UK_EXPECT_EQ(access("/w/file", F_OK), 0);
	UK_EXPECT_EQ(unlinkat(dir, "file", 0), 0);
	close(dir);
	rmdir("/w");
}

UK_TEST(ramfs, test_open_heeds_its_flags)
{
	struct stat st;
	int fd = open("/f", O_CREAT | O_EXCL | O_RDWR, 0666);

	UK_EXPECT_EQ(write(fd, "abcdef", 6), 6);
	UK_EXPECT_EQ(fstat(fd, &st), 0);
	UK_EXPECT_EQ(st.st_mode, S_IFREG | 0644);
	UK_EXPECT_EQ(fchmod(fd, 04600), 0);
	UK_EXPECT_EQ(fstat(fd, &st), 0);
	UK_EXPECT_EQ(st.st_mode, S_IFREG | 04600);
	UK_EXPECT(fails_with(EEXIST, open("/f", O_CREAT | O_EXCL | O_RDWR, 0666)));
	UK_EXPECT(fails_with(EISDIR, open("/", O_WRONLY)));
	UK_EXPECT(fails_with(ENOTDIR, open("/f", O_RDONLY | O_DIRECTORY)));
	close(open("/f", O_RDONLY | O_TRUNC));
	UK_EXPECT_EQ(lseek(fd, 0, SEEK_END), 6);
	close(open("/f", O_WRONLY | O_TRUNC));
	UK_EXPECT_EQ(lseek(fd, 0, SEEK_END), 0);
	/* A hole is zero; what is removed lives while it is open */
	UK_EXPECT_EQ(unlink("/f"), 0);
	UK_EXPECT_EQ(pwrite(fd, "x", 1, 5000), 1);
	UK_EXPECT_EQ(ftruncate(fd, 6000), 0);
	UK_EXPECT_EQ(pread(fd, &st, 1, 4999), 1);
	UK_EXPECT_EQ(*(char *)&st, 0);
	UK_EXPECT(fails_with(EFBIG, ftruncate(fd, (off_t)1 << 62)));
	UK_EXPECT(fails_with(ENOSPC, ftruncate(fd, (off_t)1 << 50)));
	UK_EXPECT_EQ(close(fd), 0);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (UK_EXPECT(f)) {
		fputs(text, f);
		fclose(f);
	}
}

UK_TEST(ramfs, test_rename_replaces)
{
	char text[8] = "";
	FILE *f;

	write_file("/a", "A");
	write_file("/b", "B");
	mkdir("/dir", 0755);
	UK_EXPECT_EQ(rename("/a", "/b"), 0);
	UK_EXPECT(fails_with(ENOENT, access("/a", F_OK)));
	f = fopen("/b", "r");
	UK_EXPECT(f && fgets(text, sizeof(text), f));
	UK_EXPECT_STR(text, "A");
	if (f)
		fclose(f);
	UK_EXPECT_EQ(rename("/b", "/b"), 0);
	UK_EXPECT_EQ(rename("/b", "/dir/c"), 0);
	UK_EXPECT(fails_with(EINVAL, rename("/dir", "/dir/sub")));
	UK_EXPECT(fails_with(EISDIR, rename("/dir/c", "/dir")));
	UK_EXPECT_EQ(rename("/dir", "/dir2"), 0);
	UK_EXPECT_EQ(unlink("/dir2/c"), 0);
	UK_EXPECT_EQ(rmdir("/dir2"), 0);
}

UK_TEST(ramfs, test_directory_is_listed)
{
	char seen[40] = { 0 }, name[16];
	struct dirent *d;
	DIR *dir;
	int n = 0, no;

	mkdir("/many", 0755);
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "/many/%d", i);
		write_file(name, "");
	}
	dir = opendir("/many");
	while (dir && (d = readdir(dir))) {
		n++;
		if (sscanf(d->d_name, "%d", &no) == 1 && no >= 0 && no < 40)
			seen[no]++;
	}
	UK_EXPECT_EQ(n, 42);
	for (int i = 0; i < 40; i++)
		UK_EXPECT_EQ(seen[i], 1);
	if (dir)
		closedir(dir);
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "/many/%d", i);
		unlink(name);
	}
	UK_EXPECT_EQ(rmdir("/many"), 0);
}

UK_TEST(ramfs, test_added_file_is_copied_when_written)
{
	static const char text[] = "constant";
	char buf[16];
	int fd;

	UK_EXPECT_EQ(uk_ramfs_add("/const", 0644, text, 8), 0);
	fd = open("/const", O_RDWR);
	UK_EXPECT_EQ(read(fd, buf, 16), 8);
	UK_EXPECT_EQ(pwrite(fd, "C", 1, 0), 1);
	UK_EXPECT_EQ(pread(fd, buf, 16, 0), 8);
	UK_EXPECT(!memcmp(buf, "Constant", 8));
	UK_EXPECT_EQ(text[0], 'c');
	close(fd);
	unlink("/const");
}

UK_TEST(ramfs, test_devices_are_there)
{
	struct stat st;
	char c;
	int fd = open("/dev/null", O_RDWR);

	UK_EXPECT_EQ(write(fd, "x", 1), 1);
	UK_EXPECT_EQ(read(fd, &c, 1), 0);
	UK_EXPECT_EQ(stat("/dev/null", &st), 0);
	UK_EXPECT(S_ISCHR(st.st_mode));
	close(fd);
	fd = open("/dev/console", O_WRONLY);
	UK_EXPECT(isatty(fd));
	close(fd);
	UK_EXPECT(isatty(1));
}
