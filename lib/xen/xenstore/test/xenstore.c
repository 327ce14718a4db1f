/* SPDX-License-Identifier: BSD-3-Clause */
/* The client against a simulated xenstored, slow, busy and wrong. */
#include <errno.h>
#include <string.h>

#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>
#include <uk/wait.h>
#include <uk/xen/xenstore.h>
#include <uk/xensim.h>

#define DIR "test"

static void settle(void)
{
	uk_thread_sleep_ns(2 * UK_NSEC_PER_MSEC);
}

UK_TEST(xenstore, test_written_value_reads_back)
{
	char buf[32];

	UK_EXPECT_EQ(uk_xs_write(UK_XS_NO_TX, DIR, "a", "hello"), 0);
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR, "a", buf, sizeof(buf)), 5);
	UK_EXPECT_STR(buf, "hello");
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR "/a", NULL, buf, sizeof(buf)), 5);
	UK_EXPECT_EQ(uk_xs_printf(UK_XS_NO_TX, DIR, "a", "%d-%s", 42, "x"), 0);
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, "/local/domain/7/" DIR, "a", buf, sizeof(buf)), 4);
	UK_EXPECT_STR(buf, "42-x");
	UK_EXPECT_EQ(uk_xs_rm(UK_XS_NO_TX, DIR, NULL), 0);
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR, "a", buf, sizeof(buf)), -ENOENT);
	UK_EXPECT_EQ(uk_xs_rm(UK_XS_NO_TX, DIR, NULL), 0);
}

UK_TEST(xenstore, test_directory_lists_children)
{
	char buf[32];

	uk_xs_write(UK_XS_NO_TX, DIR, "d/one", "");
	uk_xs_mkdir(UK_XS_NO_TX, DIR, "d/two");
	UK_EXPECT_EQ(uk_xs_directory(UK_XS_NO_TX, DIR, "d", buf, sizeof(buf)), 8);
	UK_EXPECT(!memcmp(buf, "one\0two", 8));
	UK_EXPECT_EQ(uk_xs_directory(UK_XS_NO_TX, DIR, "d", buf, 7), -E2BIG);
	UK_EXPECT_EQ(uk_xs_directory(UK_XS_NO_TX, DIR, "d/one", buf, sizeof(buf)), 0);
	uk_xs_rm(UK_XS_NO_TX, DIR, NULL);
}

UK_TEST(xenstore, test_value_that_does_not_fit_is_an_error)
{
	char buf[6] = "?????", big[200];

	memset(big, 'b', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	uk_xs_write(UK_XS_NO_TX, DIR, "a", "12345");
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR, "a", buf, 6), 5);
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR, "a", buf, 5), -E2BIG);
	UK_EXPECT_EQ(buf[5], 0);
	uk_xs_write(UK_XS_NO_TX, DIR, "a", big);
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR, "a", buf, sizeof(buf)), -E2BIG);
	UK_EXPECT_EQ(uk_xs_printf(UK_XS_NO_TX, DIR, "a", "%s", big), -E2BIG);
	uk_xs_rm(UK_XS_NO_TX, DIR, NULL);
}

static const struct {
	const char *value;
	int err;
} numbers[] = {
	{ "0", 0 }, { "1", 0 }, { "99", 0 }, { "100", -ERANGE }, { "", -EINVAL }, { "-1", -EINVAL },
	{ "+1", -EINVAL }, { " 1", -EINVAL }, { "1 ", -EINVAL }, { "01", -EINVAL },
	{ "0x1", -EINVAL }, { "1\n", -EINVAL }, { "18446744073709551616", -ERANGE },
	{ "1111111111111111111111111111111111111", -EINVAL },
};

UK_TEST(xenstore, test_only_plain_decimal_numbers_are_numbers)
{
	uint64_t val;

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(numbers); i++) {
		uk_xs_write(UK_XS_NO_TX, DIR, "n", numbers[i].value);
		if (!UK_EXPECT_EQ(uk_xs_read_dec(UK_XS_NO_TX, DIR, "n", 99, &val), numbers[i].err))
			uk_console_printf("# \"%s\"\n", numbers[i].value);
	}
	uk_xs_rm(UK_XS_NO_TX, DIR, NULL);
}

#define N_VALUES 25

/* Many values in the time of a few, also when the ring takes little at once. */
UK_TEST(xenstore, test_values_are_read_together)
{
	static char bufs[N_VALUES][8], nodes[N_VALUES][8];
	struct uk_xs_value values[N_VALUES];
	unsigned long rounds;
	uint64_t val;

	for (int i = 0; i < N_VALUES; i++) {
		uk_snprintf(nodes[i], sizeof(nodes[i]), "n%d", i);
		if (i != 3)
			uk_xs_printf(UK_XS_NO_TX, DIR, nodes[i], i == 7 ? "too long" : "%d", i * 3);
		values[i] = (struct uk_xs_value) { DIR, nodes[i], bufs[i], sizeof(bufs[i]), 1 };
	}
	for (int is_slow = 0; is_slow < 2; is_slow++) {
		uk_xensim_xs_throttle(is_slow ? 5 : 0);
		rounds = uk_xensim_xs_rounds();
		uk_xs_read_all(values, N_VALUES);
		if (!is_slow)
			UK_EXPECT(uk_xensim_xs_rounds() - rounds <= 3);
		for (int i = 0; i < N_VALUES; i++) {
			int err = uk_xs_value_dec(&values[i], 1000, &val);

			UK_EXPECT_EQ(err, i == 3 ? -ENOENT : i == 7 ? -EINVAL : 0);
			UK_EXPECT(err || val == (uint64_t)i * 3);
		}
		UK_EXPECT_EQ(values[7].len, -E2BIG);
	}
	uk_xensim_xs_throttle(0);
	uk_xs_read_all(values, 0);
	uk_xs_rm(UK_XS_NO_TX, DIR, NULL);
}

UK_TEST(xenstore, test_value_with_nul_is_refused)
{
	struct uk_xs_req req;
	char buf[16];

	uk_xs_req_init(&req, XS_WRITE, UK_XS_NO_TX, NULL, 0, NULL);
	uk_xs_req_add_path(&req, DIR, "z");
	uk_xs_req_add(&req, "1\0002", 3);
	uk_xs_submit(&req);
	settle();
	UK_EXPECT(req.is_done && !req.err);
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR, "z", buf, sizeof(buf)), -EINVAL);
	uk_xs_rm(UK_XS_NO_TX, DIR, NULL);
}

/* ---- Transactions ---- */

static int n_runs;

static int write_two(uk_xs_tx_t tx, void *arg)
{
	n_runs++;
	uk_xs_write(tx, DIR, "t1", "a");
	uk_xs_write(tx, DIR, "t2", "b");
	return *(int *)arg;
}

UK_TEST(xenstore, test_transaction_is_tried_again_after_collision)
{
	char buf[8];
	int err = 0;

	n_runs = 0;
	uk_xensim_xs_collide(3);
	UK_EXPECT_EQ(uk_xs_transact(write_two, &err), 0);
	UK_EXPECT_EQ(n_runs, 4);
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR, "t2", buf, sizeof(buf)), 1);
	uk_xensim_xs_collide(100000);
	UK_EXPECT_EQ(uk_xs_transact(write_two, &err), -EAGAIN);
	uk_xensim_xs_collide(0);
	uk_xs_rm(UK_XS_NO_TX, DIR, NULL);
}

UK_TEST(xenstore, test_failed_transaction_writes_nothing)
{
	int err = -EDOM;
	char buf[8];

	UK_EXPECT_EQ(uk_xs_transact(write_two, &err), -EDOM);
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR, "t1", buf, sizeof(buf)), -ENOENT);
}

/* ---- The stream ---- */

UK_TEST(xenstore, test_messages_in_single_bytes_are_put_together)
{
	char buf[32];

	uk_xensim_xs_throttle(1);
	UK_EXPECT_EQ(uk_xs_write(UK_XS_NO_TX, DIR, "slow", "as a snail"), 0);
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR, "slow", buf, sizeof(buf)), 10);
	UK_EXPECT_STR(buf, "as a snail");
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR, "absent", buf, sizeof(buf)), -ENOENT);
	uk_xensim_xs_throttle(0);
	uk_xs_rm(UK_XS_NO_TX, DIR, NULL);
}

UK_TEST(xenstore, test_reply_to_nobody_is_dropped)
{
	struct xsd_sockmsg hdr = { .type = XS_READ, .req_id = 0x7fffffff, .len = 4 };
	char buf[8];

	uk_xensim_xs_inject(&hdr, sizeof(hdr));
	uk_xensim_xs_inject("lost", 4);
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR, "absent", buf, sizeof(buf)), -ENOENT);
}

UK_TEST(xenstore, test_reply_of_another_type_is_an_error)
{
	struct xsd_sockmsg hdr = { .type = XS_DIRECTORY };
	char buf[8];

	hdr.req_id = (uint32_t)uk_xensim_xs_requests() + 1;
	uk_xensim_xs_hold(true);
	uk_xensim_xs_inject(&hdr, sizeof(hdr));
	uk_xensim_xs_hold(false);
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR, "absent", buf, sizeof(buf)), -EPROTO);
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR, "absent", buf, sizeof(buf)), -ENOENT);
}

static int n_ready;

static void one_of_many(void *arg)
{
	char node[8], buf[16];

	uk_snprintf(node, sizeof(node), "m%d", (int)(uintptr_t)arg);
	UK_EXPECT_EQ(uk_xs_write(UK_XS_NO_TX, DIR, node, node), 0);
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR, node, buf, sizeof(buf)), strlen(node));
	UK_EXPECT_STR(buf, node);
	n_ready++;
}

UK_TEST(xenstore, test_threads_get_their_own_replies)
{
	n_ready = 0;
	uk_xensim_xs_hold(true);
	for (uintptr_t i = 0; i < 20; i++)
		if (!uk_thread_create("xs", one_of_many, (void *)i, 0))
			uk_test_error("no thread");
	settle();
	UK_EXPECT_EQ(n_ready, 0);
	uk_xensim_xs_hold(false);
	for (int i = 0; i < 100 && n_ready < 20; i++)
		settle();
	UK_EXPECT_EQ(n_ready, 20);
	uk_xs_rm(UK_XS_NO_TX, DIR, NULL);
}

/* ---- Watches ---- */

static int n_events, n_nameless;
static char last_path[UK_XS_EVENT_PATH_BYTES];

static void on_event(struct uk_xs_watch *w uk_unused, const char *path)
{
	n_events++;
	n_nameless += !path;
	strlcpy(last_path, path ? path : "", sizeof(last_path));
}

UK_TEST(xenstore, test_watch_fires_at_once_and_for_changes_below)
{
	struct uk_xs_watch w;

	n_events = 0;
	UK_EXPECT_EQ(uk_xs_watch(&w, DIR "/w", on_event), 0);
	settle();
	UK_EXPECT_EQ(n_events, 1);
	UK_EXPECT_STR(last_path, DIR "/w");
	uk_xensim_xs_write(DIR "/w/x/y", "1");
	uk_xensim_xs_write(DIR "/v", "1");
	settle();
	UK_EXPECT_EQ(n_events, 2);
	UK_EXPECT_STR(last_path, DIR "/w/x/y");
	uk_xs_unwatch(&w);
	uk_xensim_xs_write(DIR "/w/x", "2");
	settle();
	UK_EXPECT_EQ(n_events, 2);
	uk_xensim_xs_rm(DIR);
}

/* A frontend can make nodes with names as long as it likes below a node that we
 * watch; the token comes behind the path. */
UK_TEST(xenstore, test_event_with_long_path_arrives_without_it)
{
	struct uk_xs_watch w;
	char path[200] = DIR "/w/";

	memset(path + strlen(path), 'p', 150);
	n_nameless = 0;
	UK_EXPECT_EQ(uk_xs_watch(&w, DIR "/w", on_event), 0);
	uk_xensim_xs_write(path, "1");
	settle();
	UK_EXPECT_EQ(n_nameless, 1);
	uk_xs_unwatch(&w);
	uk_xensim_xs_rm(DIR);
}

UK_TEST(xenstore, test_event_with_unknown_token_is_dropped)
{
	static const char payload[] = "some/path\000999999";
	static const char endless[64] = "no NUL at all, no NUL at all, no NUL at all, no NUL at all, no ";
	struct xsd_sockmsg hdr = { .type = XS_WATCH_EVENT, .len = sizeof(payload) };
	char buf[8];

	uk_xensim_xs_inject(&hdr, sizeof(hdr));
	uk_xensim_xs_inject(payload, sizeof(payload));
	hdr.len = sizeof(endless) - 1;
	uk_xensim_xs_inject(&hdr, sizeof(hdr));
	uk_xensim_xs_inject(endless, sizeof(endless) - 1);
	hdr.len = 0;
	uk_xensim_xs_inject(&hdr, sizeof(hdr));
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR, "absent", buf, sizeof(buf)), -ENOENT);
}

/* The suite's name sorts behind all that use xenstore: there is no way back. */
UK_TEST(xenstore_broken, test_message_too_long_breaks_the_connection)
{
	struct xsd_sockmsg hdr = { .type = XS_READ, .len = XENSTORE_PAYLOAD_MAX + 1 };
	char buf[8];

	uk_xensim_xs_inject(&hdr, sizeof(hdr));
	settle();
	UK_EXPECT_EQ(uk_xs_read(UK_XS_NO_TX, DIR, "absent", buf, sizeof(buf)), -EIO);
}
