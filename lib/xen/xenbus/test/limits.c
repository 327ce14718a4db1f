/* SPDX-License-Identifier: BSD-3-Clause */
/* What is refused: no quota, nodes that make no sense, too many of them. */
#include <errno.h>

#include "../xenbus_priv.h"
#include "common.h"

#include <uk/alloc.h>
#include <uk/print.h>

UK_TEST(xenbus, test_refused_watch_fails_the_attach_at_once)
{
	unsigned int watches = uk_xensim_xs_watches();

	fresh_driver();
	uk_xensim_xs_rm("error");
	uk_xensim_xs_refuse_watches(1);
	frontend("1");
	write_back_end("1", "1");
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT(becomes("error/" BE "/error",
			  "28 xenstored refuses a watch: is this domain's quota used up?"));
	UK_EXPECT_STR(calls, "");
	UK_EXPECT_EQ(uk_xensim_xs_watches(), watches);
	/* Later there is room */
	write_back_end("1", "1");
	UK_EXPECT(becomes(BE "/state", "2"));
	clean();
}

static void *no_memory(size_t n uk_unused, size_t size uk_unused)
{
	return NULL;
}

UK_TEST(xenbus, test_attach_without_memory_fails_at_once)
{
	fresh_driver();
	uk_xensim_xs_rm("error");
	xenbus_calloc = no_memory;
	frontend("1");
	write_back_end("1", "1");
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT(becomes("error/" BE "/error",
			  "12 no memory left: fewer devices, or more memory="));
	UK_EXPECT_STR(calls, "");
	xenbus_calloc = uk_calloc;
	write_back_end("1", "1");
	UK_EXPECT(becomes(BE "/state", "2"));
	clean();
}

UK_TEST(xenbus, test_names_that_are_no_numbers_are_no_devices)
{
	unsigned int watches = uk_xensim_xs_watches();

	uk_xensim_xs_write("backend/sim/x/1/state", "1");
	uk_xensim_xs_write("backend/sim/99999/1/state", "1");
	uk_xensim_xs_write("backend/sim/3/-1/state", "1");
	uk_xensim_xs_write("backend/sim/3/4294967296/state", "1");
	uk_xensim_xs_write("backend/other/3/1/state", "1");
	pause_ms(5);
	UK_EXPECT_EQ(uk_xensim_xs_watches(), watches);
	uk_xensim_xs_rm("backend/sim");
	uk_xensim_xs_rm("backend/other");
}

UK_TEST(xenbus, test_wrong_frontend_id_is_refused)
{
	unsigned int watches = uk_xensim_xs_watches();

	attach();
	uk_xensim_xs_write(BE "/frontend-id", "4");
	pause_ms(5);
	UK_EXPECT_STR(calls, "");
	UK_EXPECT_EQ(uk_xensim_xs_watches(), watches);
	clean();
}

UK_TEST(xenbus, test_error_nodes_are_bounded)
{
	unsigned int before;
	char path[64];

	attach();
	clean();
	uk_xensim_xs_rm("error");
	before = uk_xensim_xs_nodes();
	for (int i = 1; i <= 40; i++) {
		uk_snprintf(path, sizeof(path), "backend/sim/3/%d/frontend", i);
		uk_xensim_xs_write(path, FE);
		uk_snprintf(path, sizeof(path), "backend/sim/3/%d/frontend-id", i);
		uk_xensim_xs_write(path, "3");
		probe_err = -EINVAL;
		uk_snprintf(path, sizeof(path), "backend/sim/3/%d/state", i);
		uk_xensim_xs_write(path, "1");
		uk_snprintf(path, sizeof(path), "backend/sim/3/%d/online", i);
		uk_xensim_xs_write(path, "1");
		uk_xensim_xs_write(FE "/state", "1");
		uk_snprintf(path, sizeof(path), "backend/sim/3/%d", i);
		UK_EXPECT(becomes(path, NULL));
	}
	device = NULL;
	UK_EXPECT(uk_xensim_xs_nodes() - before < 16 * 2 + 10);
	clean();
	uk_xensim_xs_rm("error");
}

/* What a device needs may still come. */
UK_TEST(xenbus, test_probe_that_is_to_be_tried_again_is)
{
	fresh_driver();
	probe_err = -EAGAIN;
	frontend("1");
	write_back_end("1", "1");
	pause_ms(20);
	UK_EXPECT_STR(calls, "p");
	uk_xenbus_probe_again();
	pause_ms(5);
	UK_EXPECT_STR(calls, "pp");
	UK_EXPECT(becomes(BE "/state", "1"));
	probe_err = 0;
	uk_xenbus_probe_again();
	UK_EXPECT(becomes(BE "/state", "2"));
	uk_xenbus_probe_again();
	pause_ms(5);
	UK_EXPECT_STR(calls, "ppp");
	clean();
}

/* Nobody says when it is of no use any more, and the toolstack waits for an answer. */
UK_TEST(xenbus, test_attach_that_waits_too_long_is_refused)
{
	fresh_driver();
	probe_err = -EAGAIN;
	frontend("1");
	write_back_end("1", "1");
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT(becomes("error/" BE "/error", "19 told to fail"));
	UK_EXPECT_STR(calls, "pp");
	device = NULL;
	clean();
}

UK_TEST(xenbus, test_attach_that_waits_can_be_given_up)
{
	fresh_driver();
	probe_err = -EAGAIN;
	frontend("1");
	write_back_end("1", "1");
	pause_ms(5);
	frontend("6");
	ask_detach();
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "p");
	device = NULL;
	clean();
}
