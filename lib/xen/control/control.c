/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests of the toolstack: xl shutdown and xl reboot write a word into
 * control/shutdown and wait until it is taken away.
 *
 * It costs no thread and no waiting: the requests to xenstored are sent at
 * boot, and all that follows happens in the replies. The node belongs to this
 * domain and is written by the toolstack, which is trusted; an unknown word is
 * logged and left alone.
 */
#include <string.h>

#include <uk/boot.h>
#include <uk/print.h>
#include <uk/xen/xenstore.h>

#define WORD_BYTES 16

static struct uk_xs_watch watch;
static struct uk_xs_req offer_poweroff, offer_reboot, start_watch, read_word, clear_word;
static char word[WORD_BYTES];
static bool is_reading, must_read_again;

static void write_node(struct uk_xs_req *req, const char *node, const char *value)
{
	uk_xs_req_init(req, XS_WRITE, UK_XS_NO_TX, NULL, 0, NULL);
	uk_xs_req_add_path(req, "control", node);
	uk_xs_req_add(req, value, strlen(value));
	uk_xs_submit(req);
}

static void act(void)
{
	bool is_reboot = !strcmp(word, "reboot");

	if (!is_reboot && strcmp(word, "poweroff") && strcmp(word, "halt")) {
		uk_pr_warn("control: \"%s\" is not supported\n", word);
		return;
	}
	uk_pr_info("control: the toolstack asks for %s\n", word);
	write_node(&clear_word, "shutdown", "");
	uk_shutdown_request(is_reboot);
}

static void read_shutdown(void);

static void on_word(struct uk_xs_req *req)
{
	is_reading = false;
	if (must_read_again) {
		read_shutdown();
		return;
	}
	if (req->err || !req->len || req->len >= sizeof(word))
		return;
	word[req->len] = '\0';
	act();
}

static void read_shutdown(void)
{
	must_read_again = is_reading;
	if (is_reading)
		return;
	is_reading = true;
	uk_xs_req_init(&read_word, XS_READ, UK_XS_NO_TX, word, sizeof(word) - 1, on_word);
	uk_xs_req_add_path(&read_word, "control", "shutdown");
	uk_xs_submit(&read_word);
}

static void on_change(struct uk_xs_watch *w uk_unused, const char *path uk_unused)
{
	read_shutdown();
}

static int control_init(void)
{
	write_node(&offer_poweroff, "feature-poweroff", "1");
	if (offer_poweroff.is_done)	/* at once: there is no xenstore */
		return offer_poweroff.err;
	write_node(&offer_reboot, "feature-reboot", "1");
	uk_xs_watch_submit(&watch, "control/shutdown", on_change, &start_watch, NULL);
	return 0;
}

UK_INIT_BUS(control_init);
