/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bench's client of xenstored: requests straight to dom0's ring through the
 * kernel's /dev/xen/xenbus, or to a daemon's socket, without a library between.
 * Prints one line for each measurement: a name and operations per second, or
 * with "ms" a duration, with "EAGAIN" a number.
 *
 *	client [-s SOCKET] [-n COUNT] [-c CHILDREN] [-f | -m ROUNDS | -r COMMAND | -p FILE]
 *
 * -f: write and read only, of a store that may be none.
 * -m: no measurements; uses up the store's memory, reads, removes all of it, ROUNDS
 * times; prints how many nodes that was.
 * -r: no other measurement; runs COMMAND, which starts a store, and prints the time
 * from there to the answer to a first read.
 * -p: no measurements; writes the number of an event channel to FILE that a daemon
 * of this domain may bind to, and keeps it until it is killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { READ = 2, WATCH = 4, UNWATCH = 5, TA_START = 6, TA_END = 7, WRITE = 11, RM = 13, EVENT = 15, ERROR = 16 };

struct head {
	uint32_t type, req, ta, len;
};

#define BASE "/tool/bench"
#define PAYLOAD 4096
#define N_CLIENTS 8
#define N_BOOTS 10
#define MAX_TRIES 1000

/* Of Linux' xen/evtchn.h, which is not in every C library's headers */
struct bind_unbound_port {
	unsigned int remote_domain;
};
#define BIND_UNBOUND_PORT _IOC(_IOC_NONE, 'E', 2, sizeof(struct bind_unbound_port))

static int fd;
static const char *socket_path;
static char reply[PAYLOAD + 1];
static unsigned long n_events;

static void die(const char *what)
{
	fprintf(stderr, "client: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void get(void *buf, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = read(fd, (char *)buf + done, len - done);

		if (n <= 0)
			die("read");
		done += n;
	}
}

static uint32_t get_message(void)
{
	struct head h;

	get(&h, sizeof(h));
	if (h.len > PAYLOAD)
		die("length");
	get(reply, h.len);
	reply[h.len] = '\0';
	n_events += h.type == EVENT;
	return h.type;
}

/* @return 0, or -1 when the answer is an error; its text is in reply. */
static int ask(uint32_t type, uint32_t ta, const void *data, uint32_t len)
{
	static char out[sizeof(struct head) + PAYLOAD];
	struct head h = { .type = type, .ta = ta, .len = len };
	uint32_t answer;

	memcpy(out, &h, sizeof(h));
	memcpy(out + sizeof(h), data, len);
	if (write(fd, out, sizeof(h) + len) != (ssize_t)(sizeof(h) + len))
		die("write");
	while ((answer = get_message()) == EVENT)
		;
	return answer == ERROR ? -1 : 0;
}

static int put_node(uint32_t ta, const char *path, const char *value)
{
	char data[512];
	size_t len = strlen(path) + 1;

	memcpy(data, path, len);
	memcpy(data + len, value, strlen(value));
	return ask(WRITE, ta, data, len + strlen(value));
}

static void must(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "client: %s: %s\n", what, reply);
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void rate(const char *name, int n, double start)
{
	printf("%-28s %8.0f\n", name, n / (now() - start));
	fflush(stdout);
}

static uint32_t start_ta(void)
{
	must(ask(TA_START, 0, "", 1), "transaction");
	return atoi(reply);
}

static void transactions(int n)
{
	double t0 = now();
	char path[64];

	for (int i = 0; i < n; i++) {
		uint32_t ta = start_ta();

		for (int k = 0; k < 20; k++) {
			snprintf(path, sizeof(path), BASE "/ta/%d", k);
			must(put_node(ta, path, "value"), path);
		}
		must(ask(TA_END, ta, "T", 2), "commit");
	}
	rate("transaction of 20 writes", n, t0);
}

static void children(int n)
{
	double t0 = now();
	char path[64], name[64];

	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), BASE "/dir/%d", i);
		must(put_node(0, path, ""), path);
	}
	snprintf(name, sizeof(name), "create %d in one directory", n);
	rate(name, n, t0);
	t0 = now();
	must(ask(RM, 0, BASE "/dir", sizeof(BASE "/dir")), "rm");
	snprintf(name, sizeof(name), "rm -r %d nodes, ms", n);
	printf("%-28s %8.1f\n", name, (now() - t0) * 1e3);
	fflush(stdout);
}

static void watch_events(int n)
{
	static const char watch[] = BASE "/watched\0token";
	unsigned long wanted = n_events + 1;
	double t0;

	/* An event may come before the answer to what has caused it */
	must(ask(WATCH, 0, watch, sizeof(watch)), "watch");
	while (n_events < wanted)
		get_message();
	t0 = now();
	for (int i = 0; i < n; i++) {
		must(put_node(0, BASE "/watched", "x"), "write");
		for (wanted++; n_events < wanted;)
			get_message();
	}
	rate("write and watch event", n, t0);
	must(ask(UNWATCH, 0, watch, sizeof(watch)), "unwatch");
}

static void connect_store(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (!socket_path) {
		fd = open("/dev/xen/xenbus", O_RDWR);
		if (fd < 0)
			die("/dev/xen/xenbus");
		return;
	}
	strncpy(addr.sun_path, socket_path, sizeof(addr.sun_path) - 1);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die(socket_path);
}

/* What a toolstack writes in one transaction for a domain that starts. */
static void write_domain(uint32_t ta, int client, int boot)
{
	static const char *const nodes[] = {
		"domain/%d-%d", "domain/%d-%d/name", "domain/%d-%d/memory/target",
		"domain/%d-%d/device/vbd/51712/backend", "domain/%d-%d/device/vbd/51712/state",
		"domain/%d-%d/device/vif/0/backend", "domain/%d-%d/device/vif/0/state",
		"backend/vbd/%d-%d/51712/frontend", "backend/vbd/%d-%d/51712/params",
		"backend/vbd/%d-%d/51712/state", "backend/vif/%d-%d/0/frontend",
		"backend/vif/%d-%d/0/state",
	};
	char name[64], path[128];

	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		snprintf(name, sizeof(name), nodes[i], client, boot);
		snprintf(path, sizeof(path), BASE "/storm/%s", name);
		must(put_node(ta, path, "value"), path);
	}
}

/* @return how often the store said EAGAIN */
static unsigned int boot_domain(int client, int boot)
{
	for (unsigned int n_again = 0; n_again < MAX_TRIES; n_again++) {
		uint32_t ta = start_ta();

		write_domain(ta, client, boot);
		if (!ask(TA_END, ta, "T", 2))
			return n_again;
		must(strcmp(reply, "EAGAIN"), "commit");
	}
	fprintf(stderr, "client: storm: no commit in %d tries\n", MAX_TRIES);
	exit(1);
}

static void storm_client(int client, unsigned int *n_again)
{
	connect_store();
	for (int boot = 0; boot < N_BOOTS; boot++)
		*n_again += boot_domain(client, boot);
	exit(0);
}

/* Clients with a connection each start domains, all at once. */
static void storm(void)
{
	unsigned int *n_again = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int total = 0;
	double t0 = now();
	int status;

	for (int i = 0; i < N_CLIENTS; i++)
		if (!fork())
			storm_client(i, &n_again[i]);
	for (int i = 0; i < N_CLIENTS; i++)
		if (wait(&status) < 0 || status)
			exit(1);
	rate("storm of 8: commits", N_CLIENTS * N_BOOTS, t0);
	for (int i = 0; i < N_CLIENTS; i++)
		total += n_again[i];
	printf("%-28s %8u\n", "storm of 8: EAGAIN", total);
}

static void first_read(const char *command)
{
	double t0 = now();

	if (system(command))
		exit(1);
	/* A daemon's command may end before its socket is there */
	for (int i = 0; socket_path && access(socket_path, F_OK) && i < 10000; i++)
		usleep(100);
	connect_store();
	must(ask(READ, 0, "/", 2), "first read");
	printf("%-28s %8.1f\n", "start to first read, ms", (now() - t0) * 1e3);
}

static void hold_port(const char *path)
{
	struct bind_unbound_port bind = { .remote_domain = 0 };
	int evtchn = open("/dev/xen/evtchn", O_RDWR);
	int port = evtchn < 0 ? -1 : ioctl(evtchn, BIND_UNBOUND_PORT, &bind);
	FILE *f = port < 0 ? NULL : fopen(path, "w");

	if (!f)
		die("-p");
	fprintf(f, "%d", port);
	fclose(f);
	if (daemon(0, 0))
		die("daemon");
	pause();
}

/* Nodes until there is an error: @return how many. */
static int fill(const char *name, size_t len)
{
	char data[PAYLOAD];
	int n = 0, at;

	memset(data, 'v', sizeof(data));
	do
		at = snprintf(data, 128, BASE "/full/%s/%d/%d", name, n / 100, n) + 1;
	while (!ask(WRITE, 0, data, at + len) && ++n);
	if (strcmp(reply, "ENOMEM") && strcmp(reply, "EIO"))
		must(-1, "end of memory");
	return n;
}

static void use_up_memory(int rounds)
{
	static const char first[] = BASE "/full/large/0/0", all[] = BASE "/full";

	for (int i = 0; i < rounds; i++) {
		int n_large = fill("large", 1900), n_small = fill("small", 1);

		printf("memory is used up: %d large, %d small\n", n_large, n_small);
		fflush(stdout);
		must(ask(READ, 0, first, sizeof(first)), "read");
		must(ask(RM, 0, first, sizeof(first)), "rm");
		must(ask(RM, 0, all, sizeof(all)), "rm -r");
	}
}

static void write_and_read(int n)
{
	double t0;

	must(put_node(0, BASE "/node", "value"), "first write");
	for (int i = 0; i < 100; i++)
		must(ask(READ, 0, BASE "/node", sizeof(BASE "/node")), "read");
	t0 = now();
	for (int i = 0; i < n; i++)
		must(put_node(0, BASE "/node", "value"), "write");
	rate("write", n, t0);
	t0 = now();
	for (int i = 0; i < n; i++)
		must(ask(READ, 0, BASE "/node", sizeof(BASE "/node")), "read");
	rate("read", n, t0);
}

int main(int argc, char **argv)
{
	int n = 2000, n_children = 2000, opt, what = 0;
	const char *argument = NULL;

	while ((opt = getopt(argc, argv, "s:n:c:r:p:m:f")) > 0) {
		if (opt == 's')
			socket_path = optarg;
		else if (opt == 'n')
			n = atoi(optarg);
		else if (opt == 'c')
			n_children = atoi(optarg);
		else if (opt == '?')
			return 2;
		else
			what = opt, argument = optarg;
	}
	if (what == 'r')
		first_read(argument);
	else if (what == 'p')
		hold_port(argument);
	if (what == 'r' || what == 'p')
		return 0;
	connect_store();
	if (what == 'm') {
		use_up_memory(atoi(argument));
		return 0;
	}
	write_and_read(n);
	if (what == 'f')
		return 0;
	transactions(n / 10);
	watch_events(n);
	children(n_children);
	storm();
	must(ask(RM, 0, BASE, sizeof(BASE)), "rm");
	return 0;
}
