/* SPDX-License-Identifier: BSD-3-Clause */
#include "common.h"

#include <errno.h>
#include <string.h>

#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/thread.h>

/* ---- A driver that takes notes ---- */

char calls[SIM_CALLS_BYTES];
bool may_resume, must_resume;
int probe_err, connect_err;
struct uk_xenbus_dev *device;

static void note(char c)
{
	size_t len = strlen(calls);

	if (len < SIM_CALLS_BYTES - 1)
		calls[len] = c;
}

static int sim_probe(struct uk_xenbus_dev *dev, char *why)
{
	note('p');
	device = dev;
	uk_snprintf(why, UK_XENBUS_WHY_BYTES, "told to fail");
	return probe_err;
}

static int sim_connect(struct uk_xenbus_dev *dev, char *why)
{
	note('c');
	may_resume = dev->may_resume;
	must_resume = dev->must_resume;
	uk_snprintf(why, UK_XENBUS_WHY_BYTES, "told to fail");
	return connect_err;
}

static int sim_publish(struct uk_xenbus_dev *dev, uk_xs_tx_t tx)
{
	note('w');
	return uk_xs_write(tx, dev->be, "published", "yes");
}

static void sim_quiesce(struct uk_xenbus_dev *dev uk_unused)
{
	note('q');
}

static void sim_disconnect(struct uk_xenbus_dev *dev uk_unused)
{
	note('d');
}

static void sim_remove(struct uk_xenbus_dev *dev uk_unused)
{
	note('r');
	device = NULL;
}

static int sim_reconfigure(struct uk_xenbus_dev *dev, char *why)
{
	note('n');
	uk_snprintf(why, UK_XENBUS_WHY_BYTES, "cannot be");
	uk_xenbus_publish(dev);
	return -EINVAL;
}

static struct uk_xenbus_driver driver = {
	.kind = "sim", .param = "knob",
	.ready_states = 1u << XenbusStateInitialised | 1u << XenbusStateConnected,
	.probe = sim_probe, .connect = sim_connect, .publish = sim_publish,
	.quiesce = sim_quiesce, .disconnect = sim_disconnect, .remove = sim_remove,
	.reconfigure = sim_reconfigure,
};

/* ---- Toolstack and frontend ---- */

void pause_ms(unsigned int ms)
{
	uk_thread_sleep_ns(ms * UK_NSEC_PER_MSEC);
}

bool becomes(const char *path, const char *value)
{
	char got[128];
	int n = 0;

	for (int i = 0; i < 3000; i++) {
		n = uk_xensim_xs_read(path, got, sizeof(got));
		if (value ? n >= 0 && !strcmp(got, value) : n < 0)
			return true;
		pause_ms(1);
	}
	uk_console_printf("# %s: %s\n", path, n < 0 ? "absent" : got);
	return false;
}

void write_back_end(const char *online, const char *state)
{
	uk_xensim_xs_write(BE "/frontend", FE);
	uk_xensim_xs_write(BE "/online", online);
	uk_xensim_xs_write(BE "/state", state);
	uk_xensim_xs_write(BE "/frontend-id", "3");
}

void fresh_driver(void)
{
	static bool is_registered;

	if (!is_registered)
		uk_xenbus_register(&driver);
	is_registered = true;
	memset(calls, 0, sizeof(calls));
	probe_err = connect_err = 0;
	may_resume = must_resume = false;
}

void attach(void)
{
	fresh_driver();
	uk_xensim_xs_write(FE "/state", "1");
	write_back_end("1", "1");
}

void frontend(const char *state)
{
	uk_xensim_xs_write(FE "/state", state);
}

bool connect(void)
{
	attach();
	if (!UK_EXPECT(becomes(BE "/state", "2")))
		return false;
	frontend("3");
	if (!UK_EXPECT(becomes(BE "/state", "4")))
		return false;
	frontend("4");
	pause_ms(2);
	return true;
}

void ask_detach(void)
{
	uk_xensim_xs_write(BE "/online", "0");
	uk_xensim_xs_write(BE "/state", "5");
}

void clean(void)
{
	uk_xensim_xs_rm(BE);
	uk_xensim_xs_rm(FE);
	for (int i = 0; i < 3000 && device; i++)
		pause_ms(1);
	pause_ms(3);
	UK_EXPECT(!device);
}
