/* SPDX-License-Identifier: BSD-3-Clause */
/* Says hello, shows its arguments, and ends or waits to be ended. */
#include <uk/param.h>
#include <uk/plat/boot.h>
#include <uk/plat/event.h>
#include <uk/print.h>
#include <uk/thread.h>

#include "hello.h"

static bool is_waiting;

UK_PARAM(hello_wait, "hello.wait", UK_PARAM_BOOL, &is_waiting, "stay until a shutdown is requested");

int main(int argc, char *argv[])
{
	uk_console_printf("Hello from %s on %s\n", argv[0], uk_plat_name());
	for (int i = 1; i < argc; i++)
		uk_console_printf("argv[%d] = \"%s\"\n", i, argv[i]);
	if (IS_ENABLED(CONFIG_APPHELLOWORLD_CRASH))
		crash_on_demand();
	while (is_waiting)
		uk_thread_block_until(UK_FOREVER);
	return 0;
}
