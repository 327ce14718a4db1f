/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bench's client of xenstored: requests straight to dom0's ring through the
 * kernel's /dev/xen/xenbus, or to a daemon's socket, without a library between.
 * Prints one line for each measurement: a name and operations per second, or
 * with "ms" a duration.
 *
 *	client [-s SOCKET] [-n COUNT] [-c CHILDREN] [-f] [-x]
 *
 * -f: write and read only, of a store that may be none.
 * -x: no measurements; asks for XS_RESET_WATCHES inside a transaction, which ended
 * daemons before XSA-484, and then whether the daemon still answers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { READ = 2, WATCH = 4, UNWATCH = 5, TA_START = 6, TA_END = 7, WRITE = 11, RM = 13, EVENT = 15, ERROR = 16,
	RESET_WATCHES = 21 };

struct head {
	uint32_t type, req, ta, len;
};

#define BASE "/tool/bench"
#define PAYLOAD 4096

static int fd;
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

static int open_socket(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(addr.sun_path, path, sizeof(addr.sun_path) - 1);
	if (s < 0 || connect(s, (struct sockaddr *)&addr, sizeof(addr)))
		die(path);
	return s;
}

int main(int argc, char **argv)
{
	int n = 2000, n_children = 2000, is_attack = 0, is_floor = 0, opt;
	const char *path = NULL;
	double t0;

	while ((opt = getopt(argc, argv, "s:n:c:fx")) > 0) {
		if (opt == 's')
			path = optarg;
		else if (opt == 'n')
			n = atoi(optarg);
		else if (opt == 'c')
			n_children = atoi(optarg);
		else if (opt == 'f')
			is_floor = 1;
		else if (opt == 'x')
			is_attack = 1;
		else
			return 2;
	}
	fd = path ? open_socket(path) : open("/dev/xen/xenbus", O_RDWR);
	if (fd < 0)
		die("/dev/xen/xenbus");
	if (is_attack) {
		ask(RESET_WATCHES, start_ta(), "", 1);
		must(put_node(0, BASE, "value"), "write");
		puts("it lives");
		return 0;
	}
	must(put_node(0, BASE "/node", "value"), "first write");
	for (int i = 0; i < 100; i++)
		must(ask(READ, 0, BASE "/node", sizeof(BASE "/node")), "read");
	for (t0 = now(), opt = 0; opt < n; opt++)
		must(put_node(0, BASE "/node", "value"), "write");
	rate("write", n, t0);
	for (t0 = now(), opt = 0; opt < n; opt++)
		must(ask(READ, 0, BASE "/node", sizeof(BASE "/node")), "read");
	rate("read", n, t0);
	if (is_floor)
		return 0;
	transactions(n / 10);
	watch_events(n);
	children(n_children);
	must(ask(RM, 0, BASE, sizeof(BASE)), "rm");
	return 0;
}
