/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each quota: what a guest that reaches it is told, that others are served
 * meanwhile, and that it goes on when it has given something back.
 */
#include "sim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <uk/test.h>

static struct sim_domain *hostile, *other;

static struct sim_domain *guest(domid_t id)
{
	struct sim_domain *d = sim_domain_new(id);

	UK_EXPECT_EQ(sim_introduce(d), 0);
	UK_EXPECT_EQ(sim_give_home(d), 0);
	return d;
}

static void begin(void)
{
	hostile = guest(1);
	other = guest(2);
}

static void expect_others_are_served(void)
{
	uint32_t tx;

	UK_EXPECT_EQ(sim_write(other, 0, "a/b", "value"), 0);
	UK_EXPECT_EQ(sim_watch(other, "a", "token"), 0);
	UK_EXPECT_EQ(sim_begin(other, &tx), 0);
	UK_EXPECT_EQ(sim_write(other, tx, "a/c", "value"), 0);
	UK_EXPECT_EQ(sim_end(other, tx, true), 0);
	UK_EXPECT_EQ(sim_unwatch(other, "a", "token"), 0);
	UK_EXPECT_EQ(sim_rm(other, 0, "a"), 0);
	UK_EXPECT_EQ(sim_write(sim_dom0(), 0, "/host/a", "value"), 0);
	UK_EXPECT_EQ(sim_rm(sim_dom0(), 0, "/host"), 0);
}

static void end(void)
{
	UK_EXPECT_EQ(sim_reset(), 0);
	UK_EXPECT_EQ(sim_records(), 3);
	UK_EXPECT_EQ(sim_corruptions(), 0);
}

static int write_numbered(uint32_t tx, unsigned int n)
{
	char path[16];

	snprintf(path, sizeof(path), "%u/%u", n / 100, n);
	return sim_write(hostile, tx, path, "");
}

UK_TEST(quota, test_nodes)
{
	unsigned int n = 0;
	int err;

	begin();
	while (!(err = write_numbered(0, n)))
		n++;
	UK_EXPECT_EQ(err, -ENOSPC);
	UK_EXPECT_EQ(sim_account(hostile, "nodes"), 1000);
	expect_others_are_served();
	UK_EXPECT_EQ(sim_rm(hostile, 0, "0"), 0);
	UK_EXPECT_EQ(write_numbered(0, 0), 0);
	end();
}

UK_TEST(quota, test_size_of_a_node)
{
	static char value[3000];
	size_t len = 2;
	int err;

	begin();
	memset(value, 'v', sizeof(value));
	do {
		value[len] = '\0';
		err = sim_write(hostile, 0, "a", value);
		value[len++] = 'v';
	} while (!err && len < sizeof(value));
	UK_EXPECT_EQ(err, -ENOSPC);
	/* With its permission and what describes it */
	UK_EXPECT(len > 1900 && len < 2048);
	expect_others_are_served();
	UK_EXPECT_EQ(sim_write(hostile, 0, "a", "short"), 0);
	end();
}

UK_TEST(quota, test_watches)
{
	char token[16];
	unsigned int n = 0;
	int err = 0;

	begin();
	while (!err) {
		snprintf(token, sizeof(token), "%u", n++);
		err = sim_watch(hostile, "a", token);
		sim_forget(hostile);
	}
	UK_EXPECT_EQ(err, -E2BIG);
	UK_EXPECT_EQ(n, 128 + 2);
	expect_others_are_served();
	UK_EXPECT_EQ(sim_unwatch(hostile, "a", "0"), 0);
	UK_EXPECT_EQ(sim_watch(hostile, "b", "0"), 0);
	end();
}

UK_TEST(quota, test_transactions)
{
	uint32_t tx, first = 0;
	unsigned int n = 0;
	int err;

	begin();
	while (!(err = sim_begin(hostile, &tx)))
		first = n++ ? first : tx;
	UK_EXPECT_EQ(err, -ENOSPC);
	UK_EXPECT_EQ(n, 10 + 1);
	expect_others_are_served();
	UK_EXPECT_EQ(sim_end(hostile, first, false), 0);
	UK_EXPECT_EQ(sim_begin(hostile, &tx), 0);
	end();
}

UK_TEST(quota, test_nodes_in_a_transaction)
{
	static struct sim_msg reply;
	char path[16];
	unsigned int n = 0;
	uint32_t tx;
	int err;

	begin();
	UK_EXPECT_EQ(sim_begin(hostile, &tx), 0);
	do {
		snprintf(path, sizeof(path), "none%u", n++);
		err = sim_ask(hostile, XS_READ, tx, &reply, path, NULL);
	} while (err == -ENOENT);
	UK_EXPECT_EQ(err, -ENOSPC);
	/* Parents are asked for their permissions too */
	UK_EXPECT(n > 1000 && n <= 1024);
	expect_others_are_served();
	UK_EXPECT_EQ(sim_end(hostile, tx, true), -ENOMEM);
	UK_EXPECT_EQ(sim_write(hostile, 0, "a", "value"), 0);
	end();
}

UK_TEST(quota, test_outstanding_requests)
{
	static struct sim_msg reply;
	static char value[1001];
	unsigned int n;

	begin();
	memset(value, 'v', sizeof(value) - 1);
	UK_EXPECT_EQ(sim_write(hostile, 0, "a", value), 0);
	hostile->is_deaf = true;
	for (n = 0; n < 60 && sim_post(hostile, XS_READ, 0, "a", 2); n++)
		sim_step();
	UK_EXPECT_EQ(sim_account(hostile, "outstanding"), 20);
	expect_others_are_served();
	hostile->is_deaf = false;
	sim_step();
	for (; n && sim_take(hostile, &reply); n--)
		UK_EXPECT_EQ(reply.hdr.len, 1000);
	UK_EXPECT_EQ(n, 0);
	UK_EXPECT_EQ(sim_account(hostile, "outstanding"), 0);
	UK_EXPECT_EQ(sim_write(hostile, 0, "a", "short"), 0);
	end();
}

/* A quota of 100 KB, so that memory is what ends first */
UK_TEST(quota, test_memory)
{
	static char value[1801];
	char path[16];
	unsigned int n = 0;
	int err;

	begin();
	memset(value, 'v', sizeof(value) - 1);
	UK_EXPECT_EQ(sim_control(NULL, "quota", "set", "memory", "100000", NULL), 0);
	do {
		snprintf(path, sizeof(path), "%u", n++);
		err = sim_write(hostile, 0, path, value);
	} while (!err);
	UK_EXPECT_EQ(err, -EIO);
	UK_EXPECT(n > 45 && n < 60);
	UK_EXPECT(sim_account(hostile, "memory") < 100000);
	expect_others_are_served();
	UK_EXPECT_EQ(sim_rm(hostile, 0, "0"), 0);
	UK_EXPECT_EQ(sim_write(hostile, 0, "0", value), 0);
	while (!(err = write_numbered(0, n)))
		n++;
	UK_EXPECT_EQ(err, -EIO);
	/* errno is 0 after a removal, which was no error to tell: patches/0050 */
	UK_EXPECT_EQ(sim_write(hostile, 0, "1", ""), 0);
	while (!(err = write_numbered(0, n)))
		n++;
	UK_EXPECT_EQ(err, -EIO);
	snprintf(path, sizeof(path), "%u/%u", (n - 1) / 100, n - 1);
	UK_EXPECT_EQ(sim_rm(hostile, 0, path), 0);
	UK_EXPECT_EQ(sim_write(hostile, 0, "1", value), -EIO);
	UK_EXPECT_EQ(sim_control(NULL, "quota", "set", "memory", "2621440", NULL), 0);
	end();
}
