/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory is one reservation of address space; what is not mapped yet has no
 * access rights, so that a use of it that the page allocator did not ask for
 * faults here as it would on bare page tables.
 */
#include "linuxu_priv.h"

#include <errno.h>

#include <uk/arch/page.h>
#include <uk/linuxu/sys.h>
#include <uk/plat/boot.h>
#include <uk/plat/memory.h>

#define INITIAL_BYTES ((size_t)256 << 10)
#define MAX_MODULES 8

/* mmap(2), lseek(2) */
#define PROT_READ 1
#define PROT_WRITE 2
#define MAP_PRIVATE 0x02
#define MAP_ANONYMOUS 0x20
#define MAP_NORESERVE 0x4000
#define SEEK_END 2

static uintptr_t ram_base;
static size_t ram_bytes;

static struct {
	void *base;
	size_t len_bytes;
} modules[MAX_MODULES];
static unsigned int n_modules;

_Static_assert(UK_PROT_READ == PROT_READ && UK_PROT_WRITE == PROT_WRITE, "uk_plat_mem_protect");

static bool is_error(long ret)
{
	return (unsigned long)ret > -4096UL;
}

static int protect(uintptr_t base, size_t len_bytes, int prot)
{
	return (int)uk_linuxu_call3(UK_LINUXU_NR_MPROTECT, base, len_bytes, prot);
}

int linuxu_mem_init(size_t len_bytes)
{
	long ret = uk_linuxu_call6(UK_LINUXU_NR_MMAP, 0, len_bytes, UK_PROT_NONE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (is_error(ret))
		return (int)ret;
	ram_base = (uintptr_t)ret;
	ram_bytes = len_bytes;
	return protect(ram_base, INITIAL_BYTES, PROT_READ | PROT_WRITE);
}

int uk_plat_mem_region(unsigned int i, struct uk_mem_region *r)
{
	if (i > 1)
		return -ENOENT;
	r->base = ram_base + (i ? INITIAL_BYTES : 0);
	r->len_bytes = i ? ram_bytes - INITIAL_BYTES : INITIAL_BYTES;
	r->is_mapped = !i;
	return 0;
}

int uk_plat_mem_map(uintptr_t base, size_t len_bytes)
{
	return protect(base, len_bytes, PROT_READ | PROT_WRITE);
}

int uk_plat_mem_protect(void *va, size_t len_bytes, int prot)
{
	return protect((uintptr_t)va, len_bytes, prot);
}

/* The kernel reads the byte for us and reports a bad address as an error.
 * What it takes from there goes through a pipe and back. */
static bool can_read_byte(const int *pipe, uintptr_t addr)
{
	char c;

	return uk_linuxu_write(pipe[1], (const void *)addr, 1) == 1 &&
	       uk_linuxu_read(pipe[0], &c, 1) == 1;
}

bool uk_plat_mem_is_readable(uintptr_t addr, size_t len)
{
	static int pipe[2] = { -1, -1 };
	uintptr_t last = addr + len - 1;

	if (!len)
		return true;
	if (last < addr)
		return false;
	if (pipe[0] < 0 && uk_linuxu_call3(UK_LINUXU_NR_PIPE2, pipe,
					   UK_LINUXU_O_CLOEXEC | UK_LINUXU_O_NONBLOCK, 0))
		return false;
	for (uintptr_t p = addr & UK_PAGE_MASK; p <= last; p += UK_PAGE_SIZE) {
		if (!can_read_byte(pipe, p < addr ? addr : p))
			return false;
		if (p + UK_PAGE_SIZE < p)
			break;
	}
	return true;
}

static int map_file(int fd, size_t *len_bytes, void **base)
{
	long ret = uk_linuxu_call3(UK_LINUXU_NR_LSEEK, fd, 0, SEEK_END);

	if (is_error(ret))
		return (int)ret;
	if (!ret)
		return -ENODATA;
	*len_bytes = (size_t)ret;
	ret = uk_linuxu_call6(UK_LINUXU_NR_MMAP, 0, *len_bytes, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE, fd, 0);
	if (is_error(ret))
		return (int)ret;
	*base = (void *)ret;
	return 0;
}

int linuxu_module_add(const char *path)
{
	int fd, err;

	if (n_modules == MAX_MODULES)
		return -ENOSPC;
	fd = uk_linuxu_open(path, UK_LINUXU_O_RDONLY | UK_LINUXU_O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	err = map_file(fd, &modules[n_modules].len_bytes, &modules[n_modules].base);
	(void)uk_linuxu_close(fd);
	if (!err)
		n_modules++;
	return err;
}

int uk_plat_boot_module(unsigned int i, void **base, size_t *len_bytes)
{
	if (i >= n_modules)
		return -ENOENT;
	*base = modules[i].base;
	*len_bytes = modules[i].len_bytes;
	return 0;
}
