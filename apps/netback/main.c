/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A network driver domain: the network back end and the bridge do all the work.
 * Here is only the answer to Enter on the console.
 */
#include "status.h"

#include <uk/plat/boot.h>
#include <uk/plat/console.h>
#include <uk/print.h>
#include <uk/wait.h>

/* Not linked into images of platforms that have no Xen */
struct uk_xenbus_driver;
void uk_xenbus_register(struct uk_xenbus_driver *drv) uk_weak;

static struct uk_wait_queue input = UK_WAIT_QUEUE_INIT(input);
static bool has_input;

static void on_input(void *arg uk_unused)
{
	has_input = true;
	uk_wait_wake_one(&input);
}

/* @return whether somebody has pressed Enter. */
static bool read_line(void)
{
	bool is_line = false;
	char buf[32];
	ssize_t n;

	has_input = false;
	while ((n = uk_plat_console_read(buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			is_line |= buf[i] == '\r' || buf[i] == '\n';
	return is_line;
}

int main(void)
{
	if (!uk_xenbus_register) {
		uk_pr_err("netback: %s is not Xen: there is nobody to serve\n", uk_plat_name());
		return 1;
	}
	uk_pr_info("netback: waiting for interfaces to be attached; Enter shows them\n");
	uk_plat_console_set_handler(on_input, NULL);
	for (;;) {
		if (read_line())
			status_print();
		uk_wait_event(&input, has_input);
	}
}
