/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Does the debug layer find what it promises to? A second instance of it, also
 * when the image's own heap has none. Each misuse is done by a thread, which
 * ends where the image would crash.
 */
#include <uk/alloc.h>
#include <uk/crash.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

#include <stdarg.h>
#include <string.h>

static void instead_of_crash(const struct uk_arch_regs *regs, uintptr_t addr,
			     const char *fmt, ...) uk_noreturn uk_printf_like(3, 4);
static void instead_of_print(const char *fmt, ...) uk_printf_like(1, 2);

#define uk_crash instead_of_crash
#undef uk_pr_err
#define uk_pr_err instead_of_print
#define uk_malloc dbg_malloc
#define uk_memalign dbg_memalign
#define uk_calloc dbg_calloc
#define uk_realloc dbg_realloc
#define uk_free dbg_free
#define uk_heap_stats(st) dbg_stats(st)
void *dbg_malloc(size_t size);
void *dbg_memalign(size_t align, size_t size);
void *dbg_calloc(size_t n, size_t size);
void *dbg_realloc(void *p, size_t size);
void dbg_free(void *p);
void dbg_stats(struct uk_heap_stats *st);
#include "../heap_debug.c"

static char message[128];
static unsigned int n_lines;

static void instead_of_crash(const struct uk_arch_regs *regs uk_unused,
			     uintptr_t addr uk_unused, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	uk_vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	uk_thread_exit();
}

static void instead_of_print(const char *fmt uk_unused, ...)
{
	n_lines++;
}

/* What is said when a thread runs @misuse; "" for nothing. */
static const char *verdict(void (*misuse)(void *p))
{
	unsigned char *p = dbg_malloc(40);
	const char *what;

	if (!UK_EXPECT(p))
		return "";
	message[0] = '\0';
	n_lines = 0;
	UK_EXPECT(uk_thread_create("misuse", misuse, p, 0));
	uk_thread_yield();
	uk_thread_yield();
	what = strstr(message, "): ");
	return what ? what + 3 : message;
}

static void behave(void *p)
{
	memset(p, 0, 40);
	p = dbg_realloc(p, 400);
	memset(p, 0, 400);
	dbg_free(p);
	dbg_free(NULL);
}

UK_TEST(heap_debug, test_proper_use_is_silent)
{
	UK_EXPECT_STR(verdict(behave), "");
	UK_EXPECT_EQ(n_lines, 0);
}

static void overflow(void *p)
{
	((char *)p)[40] = 0;
	dbg_free(p);
}

UK_TEST(heap_debug, test_overflow_is_named_with_its_allocator)
{
	UK_EXPECT_STR(verdict(overflow), "written past its end");
	UK_EXPECT(strstr(message, "40 bytes") != NULL);
	if (IS_ENABLED(CONFIG_FRAME_POINTER))
		UK_EXPECT(n_lines > 0);
}

static void underflow(void *p)
{
	((char *)p)[-1] ^= 1;
	dbg_free(p);
}

UK_TEST(heap_debug, test_underflow_is_found)
{
	UK_EXPECT(strstr(verdict(underflow), "written before its start") != NULL);
}

static void free_twice(void *p)
{
	dbg_free(p);
	dbg_free(p);
}

UK_TEST(heap_debug, test_second_free_is_found)
{
	UK_EXPECT_STR(verdict(free_twice), "freed twice");
}

static void realloc_after_free(void *p)
{
	dbg_free(p);
	p = dbg_realloc(p, 50);
}

UK_TEST(heap_debug, test_realloc_of_a_freed_block_is_found)
{
	UK_EXPECT_STR(verdict(realloc_after_free), "freed twice");
}

static void free_middle(void *p)
{
	dbg_free((char *)p + 16);
}

static void free_unaligned(void *p)
{
	dbg_free((char *)p + 4);
}

UK_TEST(heap_debug, test_what_is_no_block_is_found)
{
	UK_EXPECT(strstr(verdict(free_middle), "not a block") != NULL);
	UK_EXPECT(strstr(verdict(free_unaligned), "not aligned") != NULL);
}

static void write_after_free(void *p)
{
	unsigned int i;

	dbg_free(p);
	((char *)p)[39] = 0;
	for (i = 0; i < N_QUARANTINE; i++)
		dbg_free(dbg_malloc(8));
}

UK_TEST(heap_debug, test_write_after_free_is_found)
{
	UK_EXPECT_STR(verdict(write_after_free), "written after it was freed");
}

UK_TEST(heap_debug, test_canary_fits_any_size_and_alignment)
{
	size_t align, size;
	char *p;

	for (align = 1; align <= UK_PAGE_SIZE; align *= 4) {
		for (size = 0; size < 80; size++) {
			p = dbg_memalign(align, size);
			if (!UK_EXPECT(p))
				return;
			UK_EXPECT_EQ((uintptr_t)p & (align - 1), 0);
			memset(p, 0, size);
			dbg_free(p);
		}
	}
}
