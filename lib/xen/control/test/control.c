/* SPDX-License-Identifier: BSD-3-Clause */
/* xl shutdown and xl reboot, as far as they can go without an end. */
#include <string.h>

#include <uk/boot.h>
#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>
#include <uk/xensim.h>

static int n_requests, last_is_reboot;

static void on_shutdown(int is_reboot)
{
	n_requests++;
	last_is_reboot = is_reboot;
}

/* @return whether the word was taken away. */
static bool ask(const char *word)
{
	char left[32] = "";

	uk_xensim_xs_write("control/shutdown", word);
	for (int i = 0; i < 100; i++) {
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
		if (uk_xensim_xs_read("control/shutdown", left, sizeof(left)) == 0)
			break;
	}
	uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	return !left[0];
}

UK_TEST(control, test_offers_poweroff_and_reboot)
{
	char value[8];

	uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(uk_xensim_xs_read("control/feature-poweroff", value, sizeof(value)), 1);
	UK_EXPECT_STR(value, "1");
	UK_EXPECT_EQ(uk_xensim_xs_read("control/feature-reboot", value, sizeof(value)), 1);
	UK_EXPECT_STR(value, "1");
}

UK_TEST(control, test_words_are_taken_and_acted_upon)
{
	uk_shutdown_set_handler(on_shutdown);
	n_requests = 0;
	UK_EXPECT(ask("reboot"));
	UK_EXPECT(n_requests == 1 && last_is_reboot);
	UK_EXPECT(!ask("suspend"));
	UK_EXPECT(!ask("a word that is much too long for the buffer"));
	UK_EXPECT_EQ(n_requests, 1);
}
