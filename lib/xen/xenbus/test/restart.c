/* SPDX-License-Identifier: BSD-3-Clause */
/* After a restart: what the life before has left. */
#include <errno.h>

#include "common.h"

static void inherit(const char *online, const char *be_state, const char *fe_state)
{
	fresh_driver();
	frontend(fe_state);
	write_back_end(online, be_state);
	pause_ms(5);
}

UK_TEST(xenbus, test_inherited_device_is_resumed_and_nothing_is_written)
{
	unsigned long before = uk_xensim_xs_image_writes();

	for (int i = 3; i <= 4; i++) {
		inherit("1", "4", i == 3 ? "3" : "4");
		UK_EXPECT_STR(calls, "pc");
		UK_EXPECT(must_resume && may_resume);
		UK_EXPECT_EQ(uk_xensim_xs_image_writes(), before);
		clean();
		UK_EXPECT_STR(calls, "pcdr");
	}
}

UK_TEST(xenbus, test_inherited_device_lives_on)
{
	inherit("1", "4", "4");
	frontend("5");
	UK_EXPECT(becomes(BE "/state", "5"));
	frontend("6");
	UK_EXPECT(becomes(BE "/state", "6"));
	frontend("1");
	UK_EXPECT(becomes(BE "/state", "2"));
	frontend("3");
	UK_EXPECT(becomes(BE "/state", "4"));
	UK_EXPECT(!must_resume && !may_resume);
	UK_EXPECT_STR(calls, "pcqdcw");
	ask_detach();
	frontend("6");
	UK_EXPECT(becomes(BE, NULL));
	clean();
}

UK_TEST(xenbus, test_inherited_device_that_cannot_be_resumed_is_closed)
{
	fresh_driver();
	connect_err = -ESTALE;
	frontend("4");
	write_back_end("1", "4");
	UK_EXPECT(becomes(BE "/state", "6"));
	UK_EXPECT(becomes("error/" BE "/error", "116 told to fail"));
	UK_EXPECT_STR(calls, "pc");
	/* And starts again */
	connect_err = 0;
	frontend("1");
	UK_EXPECT(becomes(BE "/state", "2"));
	clean();
}

UK_TEST(xenbus, test_inherited_device_without_its_disk_is_closed_and_removed)
{
	fresh_driver();
	probe_err = -ENODEV;
	frontend("4");
	write_back_end("1", "4");
	UK_EXPECT(becomes(BE "/state", "6"));
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "p");
	device = NULL;
	clean();
}

/* A pause for its frontend, however long: nothing is written. */
UK_TEST(xenbus, test_inherited_device_waits_for_its_disk)
{
	unsigned long before = uk_xensim_xs_image_writes();

	fresh_driver();
	probe_err = -EAGAIN;
	frontend("4");
	write_back_end("1", "4");
	pause_ms(CONFIG_LIBXENBUS_ATTACH_MS + 200);
	UK_EXPECT_STR(calls, "pp");
	probe_err = 0;
	uk_xenbus_probe_again();
	pause_ms(5);
	UK_EXPECT_STR(calls, "pppc");
	UK_EXPECT(must_resume);
	UK_EXPECT_EQ(uk_xensim_xs_image_writes(), before);
	clean();
}

/* The toolstack has made it anew while its disk was waited for. */
UK_TEST(xenbus, test_inherited_device_that_was_replaced_is_not_resumed)
{
	fresh_driver();
	probe_err = -EAGAIN;
	frontend("4");
	write_back_end("1", "4");
	pause_ms(5);
	UK_EXPECT_STR(calls, "p");
	frontend("1");
	uk_xensim_xs_write(BE "/state", "1");
	pause_ms(5);
	probe_err = 0;
	uk_xenbus_probe_again();
	UK_EXPECT(becomes(BE "/state", "2"));
	frontend("3");
	UK_EXPECT(becomes(BE "/state", "4"));
	UK_EXPECT(!may_resume && !must_resume);
	clean();
}

/* The life before ended after connect() and before state=4. */
UK_TEST(xenbus, test_half_connected_device_is_connected)
{
	inherit("1", "2", "3");
	UK_EXPECT(becomes(BE "/state", "4"));
	UK_EXPECT(may_resume && !must_resume);
	UK_EXPECT_STR(calls, "pcw");
	clean();
}

UK_TEST(xenbus, test_awaited_frontend_is_awaited_still)
{
	inherit("1", "2", "1");
	UK_EXPECT(becomes(BE "/state", "2"));
	UK_EXPECT_STR(calls, "p");
	frontend("3");
	UK_EXPECT(becomes(BE "/state", "4"));
	UK_EXPECT(!may_resume);
	clean();
}

/* What the frontend has done meanwhile: closed, or started again. */
UK_TEST(xenbus, test_inherited_device_of_another_frontend_is_not_resumed)
{
	static const struct {
		const char *be, *fe, *becomes;
	} cases[] = {
		{ "4", "5", "5" }, { "4", "6", "6" }, { "4", "1", "2" }, { "5", "5", "5" },
		{ "5", "6", "6" }, { "5", "1", "2" }, { "6", "1", "2" }, { "6", "6", "6" },
		{ "6", "4", "6" },
	};

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(cases); i++) {
		inherit("1", cases[i].be, cases[i].fe);
		UK_EXPECT(becomes(BE "/state", cases[i].becomes));
		UK_EXPECT_STR(calls, "p");
		clean();
		UK_EXPECT_STR(calls, "pr");
	}
}

UK_TEST(xenbus, test_detach_goes_on_where_it_was)
{
	inherit("0", "5", "4");		/* in use */
	UK_EXPECT_STR(calls, "pc");
	UK_EXPECT(must_resume);
	frontend("6");
	UK_EXPECT(becomes(BE "/state", "6"));
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "pcdr");
	clean();
	inherit("0", "5", "4");		/* for ever: forced */
	UK_EXPECT(becomes(BE, NULL));
	clean();
	inherit("0", "6", "6");		/* all but removed */
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "");
	clean();
}

UK_TEST(xenbus, test_inherited_device_of_a_dead_domain_is_removed)
{
	fresh_driver();
	write_back_end("1", "4");
	UK_EXPECT(becomes(BE "/state", "6"));
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "");
	clean();
}
