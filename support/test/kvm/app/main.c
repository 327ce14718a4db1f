/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a platform promises, seen from inside: each word on the command line
 * after "--" runs one check, which prints what a script outside compares.
 */
#include <string.h>

#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/plat/boot.h>
#include <uk/plat/console.h>
#include <uk/plat/event.h>
#include <uk/plat/memory.h>
#include <uk/plat/shutdown.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/thread.h>
#include <uk/util.h>

#define SLEEP_MS 500
#define N_CLOCK_READS 2000

static void check_sleep(void)
{
	uint64_t before_ns, slept_ns;

	uk_console_printf("wall %llu s\n",
			  (unsigned long long)(uk_plat_wall_ns() / UK_NSEC_PER_SEC));
	uk_console_printf("sleeping\n");
	before_ns = uk_plat_mono_ns();
	uk_thread_sleep_ns(SLEEP_MS * UK_NSEC_PER_MSEC);
	slept_ns = uk_plat_mono_ns() - before_ns;
	uk_console_printf("slept %llu us\n", (unsigned long long)(slept_ns / UK_NSEC_PER_USEC));
}

static void check_clock(void)
{
	uint64_t last_ns = uk_plat_mono_ns(), now_ns;

	for (unsigned int i = 0; i < N_CLOCK_READS; i++) {
		now_ns = uk_plat_mono_ns();
		if (now_ns < last_ns) {
			uk_console_printf("clock went back\n");
			return;
		}
		last_ns = now_ns;
	}
	uk_console_printf("clock fine\n");
}

static struct uk_thread *reader;

static void on_input(void *arg)
{
	(void)arg;
	uk_thread_wake(reader);
}

/* Ends at the first line; with no timer, only the input can wake us. */
static void check_echo(void)
{
	char c = 0;

	reader = uk_thread_current();
	uk_plat_console_set_handler(on_input, NULL);
	uk_console_printf("listening\n");
	while (c != '\n' && c != '\r') {
		if (uk_plat_console_read(&c, 1) == 1)
			uk_plat_console_write(&c, 1);
		else
			uk_thread_block_until(UK_FOREVER);
	}
	uk_console_printf("\nheard\n");
}

static void check_module(void)
{
	const unsigned char *p;
	unsigned int sum = 0;
	size_t len_bytes;
	void *base;

	for (unsigned int i = 0; !uk_plat_boot_module(i, &base, &len_bytes); i++) {
		p = base;
		for (size_t k = 0; k < len_bytes; k++)
			sum = sum * 31 + p[k];
		uk_console_printf("module %u: %zu bytes, %u\n", i, len_bytes, sum);
	}
}

/* Write each page of all memory, then look whether it is still so */
static void check_memory(void)
{
	uintptr_t *first = NULL, *p;
	size_t n = 0, n_bad = 0;

	while ((p = uk_pages_alloc(0))) {
		p[0] = (uintptr_t)first;
		p[UK_PAGE_SIZE / sizeof(*p) - 1] = ~(uintptr_t)p;
		first = p;
		n++;
	}
	for (p = first; p; p = (uintptr_t *)p[0])
		n_bad += p[UK_PAGE_SIZE / sizeof(*p) - 1] != ~(uintptr_t)p;
	uk_console_printf("memory: %zu KiB, %zu pages bad\n", n * UK_PAGE_SIZE / 1024, n_bad);
}

static void check_regions(void)
{
	struct uk_mem_region r;

	for (unsigned int i = 0; !uk_plat_mem_region(i, &r); i++)
		uk_console_printf("region %p + 0x%zx%s\n", (void *)r.base, r.len_bytes,
				  r.is_mapped ? " mapped" : "");
}

static void check_readable(void)
{
	static int here;

	uk_console_printf("readable: %d %d %d %d %d\n",
			  uk_plat_mem_is_readable((uintptr_t)&here, sizeof(here)),
			  uk_plat_mem_is_readable((uintptr_t)check_readable, 1),
			  uk_plat_mem_is_readable(0, 1),
			  uk_plat_mem_is_readable(UINTPTR_MAX - 8, 16),
			  uk_plat_mem_is_readable((uintptr_t)1 << 46, 8));
}

static void check_reboot(void)
{
	uk_plat_shutdown(UK_SHUTDOWN_REBOOT, 0);
}

static void check_status(void)
{
	uk_plat_shutdown(UK_SHUTDOWN_POWEROFF, 7);
}

static const struct {
	const char *name;
	void (*fn)(void);
} checks[] = {
	{ "sleep", check_sleep },   { "clock", check_clock },	  { "echo", check_echo },
	{ "module", check_module }, { "memory", check_memory },	  { "regions", check_regions },
	{ "reboot", check_reboot }, { "readable", check_readable }, { "status", check_status },
};

int main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++)
		for (unsigned int k = 0; k < UK_ARRAY_SIZE(checks); k++)
			if (!strcmp(argv[i], checks[k].name))
				checks[k].fn();
	uk_console_printf("done\n");
	return 0;
}
