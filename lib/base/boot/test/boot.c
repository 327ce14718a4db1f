/* SPDX-License-Identifier: BSD-3-Clause */
/* The init table has run by the time a test does: it left its traces here. */
#include <uk/boot.h>
#include <uk/test.h>

#include <errno.h>

#include <uk/thread.h>

static char order[8];
static unsigned int n_order;
static bool is_in_thread;

static int note(char level)
{
	if (n_order < sizeof(order) - 1)
		order[n_order++] = level;
	return 0;
}

static int init_late(void)
{
	return note('e');
}

static int init_lib(void)
{
	return note('d');
}

static int init_not_here(void)
{
	note('n');
	return -ENODEV;
}

static int init_bus(void)
{
	return note('b');
}

static int init_core(void)
{
	is_in_thread = uk_thread_current() != NULL;
	return note('a');
}

/* The wrong way round in the file: the levels decide */
UK_INIT_LATE(init_late);
UK_INIT_LIB(init_lib);
UK_INIT_DEV(init_not_here);
UK_INIT_BUS(init_bus);
UK_INIT_CORE(init_core);

UK_TEST(boot, test_init_levels_run_in_order)
{
	UK_EXPECT_STR(order, "abnde");
}

UK_TEST(boot, test_init_runs_in_a_thread)
{
	UK_EXPECT(is_in_thread);
}

UK_TEST(boot, test_stamps_beyond_the_table_are_dropped)
{
	static const char *const names[] = { "1", "2", "3", "4", "5", "6", "7", "8", "9" };

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(names); i++)
		uk_boot_stamp(names[i]);
}
