/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Traffic between two Linux domains, without a library or an interpreter in its
 * way. Linked statically: it goes into guests that have nothing.
 *
 *	client serve
 *	client send|receive|ask ADDRESS SECONDS
 *
 * Prints Mbit/s, or requests a second.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORT 7010
#define BLOCK (128 * 1024)

static char block[BLOCK];

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* The first byte says what the client wants. */
static void serve_one(int fd)
{
	char kind;

	if (read(fd, &kind, 1) != 1)
		return;
	if (kind == 's')
		while (read(fd, block, BLOCK) > 0)
			;
	else if (kind == 'r')
		while (write(fd, block, BLOCK) > 0)
			;
	else
		while (read(fd, block, 1) == 1 && write(fd, block, 1) == 1)
			;
}

static void no_delay(int fd)
{
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static void serve(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 4))
		die("listen");
	for (;;) {
		int peer = accept(fd, NULL, NULL);

		if (peer < 0)
			die("accept");
		no_delay(peer);
		serve_one(peer);
		close(peer);
	}
}

/* One step: a block, or a request. @return bytes. */
static ssize_t step(int fd, char kind)
{
	if (kind == 's')
		return write(fd, block, BLOCK);
	if (kind == 'r')
		return read(fd, block, BLOCK);
	return write(fd, block, 1) == 1 ? read(fd, block, 1) : -1;
}

static double run(int fd, char kind, double seconds)
{
	double begin = now(), end = begin + seconds, total = 0;
	ssize_t n;

	while (now() < end) {
		n = step(fd, kind);
		if (n <= 0)
			die("connection");
		total += (double)n;
	}
	return total / (now() - begin);
}

int main(int argc, char **argv)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	double rate, seconds;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	if (argc == 2 && !strcmp(argv[1], "serve"))
		serve();
	if (argc != 4 || !inet_aton(argv[2], &addr.sin_addr))
		return 2;
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die("connect");
	no_delay(fd);
	if (write(fd, argv[1], 1) != 1)
		die("write");
	seconds = atof(argv[3]);
	run(fd, argv[1][0], seconds / 4);	/* until its windows are open */
	rate = run(fd, argv[1][0], seconds);
	printf("%.0f\n", argv[1][0] == 'a' ? rate : rate * 8 / 1e6);
	return 0;
}
