/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory that is no file's. A mapping is whole pages from the page allocator;
 * munmap() and mremap() take a whole mapping, not a part of one.
 */
#define _GNU_SOURCE
#include <uk/syscall.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <uk/alloc.h>
#include <uk/list.h>
#include <uk/pages.h>
#include <uk/plat/memory.h>

struct mapping {
	struct uk_list list;
	char *base;
	size_t n_pages;
	bool is_protected;		/* its pages have to be made usable again */
};

static struct uk_list mappings = UK_LIST_INIT(mappings);

static size_t to_pages(size_t len)
{
	return (len >> UK_PAGE_SHIFT) + ((len & (UK_PAGE_SIZE - 1)) != 0);
}

static struct mapping *find(uintptr_t addr)
{
	struct mapping *m;

	UK_LIST_FOREACH (m, &mappings, list) {
		if (addr - (uintptr_t)m->base < m->n_pages << UK_PAGE_SHIFT)
			return m;
	}
	return NULL;
}

static struct mapping *map(size_t n_pages)
{
	struct mapping *m = uk_malloc(sizeof(*m));

	if (!m)
		return NULL;
	m->base = uk_pages_alloc_n(n_pages);
	if (!m->base) {
		uk_free(m);
		return NULL;
	}
	memset(m->base, 0, n_pages << UK_PAGE_SHIFT);
	m->n_pages = n_pages;
	m->is_protected = false;
	uk_list_add(&mappings, &m->list);
	return m;
}

static void unmap(struct mapping *m)
{
	uk_list_del(&m->list);
	/* Cannot fail: the page tables are there */
	if (m->is_protected)
		uk_plat_mem_protect(m->base, m->n_pages << UK_PAGE_SHIFT,
				    UK_PROT_READ | UK_PROT_WRITE);
	uk_pages_free_n(m->base, m->n_pages);
	uk_free(m);
}

static int protect(struct mapping *m, char *addr, size_t len, int prot)
{
	int p = (prot & PROT_READ ? UK_PROT_READ : 0) | (prot & PROT_WRITE ? UK_PROT_WRITE : 0);

	if (prot & PROT_EXEC)
		return -EACCES;
	if (p == (UK_PROT_READ | UK_PROT_WRITE) && !m->is_protected)
		return 0;
	m->is_protected = true;
	return uk_plat_mem_protect(addr, len, p);
}

long uk_sys_mmap(long addr, long len, long prot, long flags, long fd, long off)
{
	struct mapping *m;
	int err;

	(void)addr;
	(void)fd;
	(void)off;
	if (!len || (flags & MAP_FIXED) || !(flags & (MAP_PRIVATE | MAP_SHARED)))
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS))
		return -ENODEV;
	m = map(to_pages(len));
	if (!m)
		return -ENOMEM;
	err = protect(m, m->base, m->n_pages << UK_PAGE_SHIFT, prot);
	if (err < 0) {
		unmap(m);
		return err;
	}
	return (long)m->base;
}

long uk_sys_munmap(long addr, long len)
{
	struct mapping *m = find(addr);

	if (!len || !m || (uintptr_t)m->base != (uintptr_t)addr || m->n_pages != to_pages(len))
		return -EINVAL;
	unmap(m);
	return 0;
}

long uk_sys_mremap(long addr, long old_len, long new_len, long flags, long new_addr)
{
	struct mapping *m = find(addr), *new;
	size_t old_pages = to_pages(old_len), n_pages = to_pages(new_len);

	(void)new_addr;
	if (!new_len || (flags & MREMAP_FIXED) || !m || m->n_pages != old_pages || m->is_protected ||
	    (uintptr_t)m->base != (uintptr_t)addr)
		return -EINVAL;
	if (n_pages == old_pages)
		return addr;
	if (!(flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	new = map(n_pages);
	if (!new)
		return -ENOMEM;
	memcpy(new->base, m->base, UK_MIN(old_pages, n_pages) << UK_PAGE_SHIFT);
	unmap(m);
	return (long)new->base;
}

long uk_sys_mprotect(long addr, long len, long prot)
{
	struct mapping *m = find(addr);
	size_t bytes = to_pages(len) << UK_PAGE_SHIFT;

	if (addr & (UK_PAGE_SIZE - 1))
		return -EINVAL;
	if (!m || (uintptr_t)addr + bytes > (uintptr_t)m->base + (m->n_pages << UK_PAGE_SHIFT))
		return -ENOMEM;
	return bytes ? protect(m, (char *)addr, bytes, prot) : 0;
}

/* Only MADV_DONTNEED has an effect that a program can see: zeroes. */
long uk_sys_madvise(long addr, long len, long advice)
{
	struct mapping *m = find(addr);

	if (advice != MADV_DONTNEED)
		return -EINVAL;
	if (!m || (uintptr_t)addr + len > (uintptr_t)m->base + (m->n_pages << UK_PAGE_SHIFT))
		return -ENOMEM;
	memset((void *)addr, 0, to_pages(len) << UK_PAGE_SHIFT);
	return 0;
}
