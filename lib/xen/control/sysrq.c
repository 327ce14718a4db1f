/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * xl sysrq: a letter in control/sysrq, with the meaning it has for Linux where
 * there is one. It is taken away before anything is done, so that the next life
 * does not do it again. No thread and no waiting, as in control.c.
 */
#include <stdbool.h>

#include <uk/boot.h>
#include <uk/crash.h>
#include <uk/print.h>
#include <uk/restart.h>
#include <uk/xen/xenstore.h>

#define NODE "control/sysrq"

static struct uk_xs_watch watch;
static struct uk_xs_req start_watch, read_letter, clear_letter;
static char letter, asked;
static bool is_busy, must_read_again;

static void read_node(void);

static void on_cleared(struct uk_xs_req *req)
{
	is_busy = false;
	if (req->err)
		uk_pr_err("control: sysrq: the letter cannot be taken away (%s): nothing is done\n",
			  uk_errname(req->err));
	else if (asked == 'b')
		uk_restart("xl sysrq b");
	else if (asked == 'c')
		uk_crash(NULL, 0, "xl sysrq c");
	else
		uk_pr_warn("control: sysrq %c: not known; b: restart at once, c: crash\n", asked);
	if (must_read_again)
		read_node();
}

static void on_letter(struct uk_xs_req *req)
{
	if (req->err || !req->len || !letter) {
		is_busy = false;
		if (must_read_again)
			read_node();
		return;
	}
	asked = letter;
	uk_xs_req_init(&clear_letter, XS_WRITE, UK_XS_NO_TX, NULL, 0, on_cleared);
	uk_xs_req_add_path(&clear_letter, NODE, NULL);
	uk_xs_submit(&clear_letter);
}

static void read_node(void)
{
	must_read_again = is_busy;
	if (is_busy)
		return;
	is_busy = true;
	uk_xs_req_init(&read_letter, XS_READ, UK_XS_NO_TX, &letter, 1, on_letter);
	uk_xs_req_add_path(&read_letter, NODE, NULL);
	uk_xs_submit(&read_letter);
}

static void on_change(struct uk_xs_watch *w uk_unused, const char *path uk_unused)
{
	read_node();
}

static int sysrq_init(void)
{
	uk_xs_watch_submit(&watch, NODE, on_change, &start_watch, NULL);
	return 0;
}

UK_INIT_BUS(sysrq_init);
