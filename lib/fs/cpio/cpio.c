/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cpio archives in the "newc" format (Linux, Documentation/driver-api/
 * early-userspace/buffer-format.rst): a header of 6 + 13 * 8 characters, all
 * numbers in hexadecimal; the name; the contents; both padded to 4 bytes.
 *
 * The archive may be anything: next_entry() checks every length against what
 * is left, unpack_entry() the name.
 */
#include <uk/cpio.h>

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <uk/boot.h>
#include <uk/plat/boot.h>
#include <uk/print.h>
#include <uk/ramfs.h>

#define HEADER_LEN 110
#define FIELD(n) (6 + (n) * 8)
#define FIELD_MODE FIELD(1)
#define FIELD_SIZE FIELD(6)
#define FIELD_NAME_LEN FIELD(11)

struct entry {
	uint32_t mode, size;
	const char *name;	/* ends with NUL */
	const char *data;
};

static bool get_hex(const char *p, uint32_t *v)
{
	*v = 0;
	for (int i = 0; i < 8; i++) {
		char c = p[i] | 0x20;

		if (p[i] >= '0' && p[i] <= '9')
			*v = *v << 4 | (p[i] - '0');
		else if (c >= 'a' && c <= 'f')
			*v = *v << 4 | (c - 'a' + 10);
		else
			return false;
	}
	return true;
}

/* @return length of the entry at @p with all padding; 0: it is not one. */
static size_t next_entry(const char *p, size_t left, struct entry *e)
{
	uint32_t name_len;
	size_t data_at, end;

	if (left < HEADER_LEN || memcmp(p, "07070", 5) || (p[5] != '1' && p[5] != '2') ||
	    !get_hex(p + FIELD_MODE, &e->mode) || !get_hex(p + FIELD_SIZE, &e->size) ||
	    !get_hex(p + FIELD_NAME_LEN, &name_len))
		return 0;
	if (name_len == 0 || name_len > left - HEADER_LEN || p[HEADER_LEN + name_len - 1])
		return 0;
	data_at = UK_ALIGN_UP((size_t)HEADER_LEN + name_len, 4);
	if (data_at > left || e->size > left - data_at)
		return 0;
	e->name = p + HEADER_LEN;
	e->data = p + data_at;
	end = UK_ALIGN_UP(data_at + e->size, 4);
	return UK_MIN(end, left);
}

static int unpack_entry(const struct entry *e, const char *dir)
{
	char path[PATH_MAX];
	const char *name = e->name;

	while (name[0] == '.' && name[1] == '/')
		name += 2;
	name += strspn(name, "/");
	if (!*name || !strcmp(name, "."))
		return 0;
	if (uk_snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	if (S_ISDIR(e->mode))
		return uk_ramfs_mkdir(path, e->mode);
	if (S_ISREG(e->mode))
		return uk_ramfs_add(path, e->mode, e->data, e->size);
	uk_pr_warn("cpio: %s: left out: neither file nor directory\n", path);
	return 0;
}

int uk_cpio_unpack(const void *archive, size_t len, const char *dir)
{
	const char *p = archive;
	size_t step;
	int n = 0, err;

	for (; len; p += step, len -= step) {
		struct entry e;

		step = next_entry(p, len, &e);
		if (!step)
			return -EINVAL;
		if (!strcmp(e.name, "TRAILER!!!"))
			return n;
		err = unpack_entry(&e, dir);
		if (err < 0) {
			uk_pr_err("cpio: %s: %s\n", e.name, uk_errname(err));
			return err;
		}
		n++;
	}
	return -EINVAL;
}

static int unpack_module(void)
{
	void *base;
	size_t len;
	int n;

	if (uk_plat_boot_module(0, &base, &len) < 0)
		return -ENODEV;
	n = uk_cpio_unpack(base, len, "");
	if (n < 0)
		uk_pr_err("cpio: boot module: %s\n", uk_errname(n));
	else
		uk_pr_info("cpio: %d files from the boot module\n", n);
	return 0;
}
UK_INIT_LIB(unpack_module);
