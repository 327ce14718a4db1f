/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Traffic between two Linux domains, without a library or an interpreter in its
 * way. Linked statically: it goes into guests that have nothing.
 *
 *	client serve
 *	client send|receive|ask|flood|drain ADDRESS SECONDS
 *
 * send, receive: one stream of TCP; Mbit/s. ask: requests of one byte; a second.
 * flood, drain: UDP in frames of 64 bytes, to and from the server; how many of them
 * arrive in a second.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORT 7010
#define BLOCK (128 * 1024)
#define SMALL 22		/* behind the headers of Ethernet, IPv4 and UDP */
#define BURST 32

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

static int udp(struct sockaddr_in peer, int is_sender)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	peer.sin_port = htons(PORT);
	if (is_sender ? connect(fd, (struct sockaddr *)&peer, sizeof(peer))
		      : bind(fd, (struct sockaddr *)&own, sizeof(own)))
		die("udp");
	return fd;
}

static uint64_t take_all(int fd)
{
	char small[SMALL];
	uint64_t n = 0;

	while (recv(fd, small, sizeof(small), MSG_DONTWAIT) > 0)
		n++;
	return n;
}

static void send_burst(int fd)
{
	for (int i = 0; i < BURST; i++)
		send(fd, block, SMALL, 0);
}

/* Each byte that comes by @fd is answered with how many datagrams have come. */
static void count(int fd, struct sockaddr_in peer)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLIN }, { .fd = udp(peer, 0), .events = POLLIN },
	};
	uint64_t n = 0;
	char byte;

	while (poll(fds, 2, -1) > 0) {
		n += take_all(fds[1].fd);
		if (fds[0].revents && (read(fd, &byte, 1) != 1 || write(fd, &n, sizeof(n)) < 0))
			break;
	}
	close(fds[1].fd);
}

static void flood_until_closed(int fd, struct sockaddr_in peer)
{
	struct pollfd closed = { .fd = fd, .events = POLLIN };
	int to = udp(peer, 1);

	while (!poll(&closed, 1, 0))
		send_burst(to);
	close(to);
}

/* The first byte says what the client wants. */
static void serve_one(int fd, struct sockaddr_in peer)
{
	char kind;

	if (read(fd, &kind, 1) != 1)
		return;
	if (kind == 'f')
		count(fd, peer);
	else if (kind == 'd')
		flood_until_closed(fd, peer);
	else if (kind == 's')
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
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 64))
		die("listen");
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		socklen_t len = sizeof(addr);
		int peer = accept(fd, (struct sockaddr *)&addr, &len);

		if (peer < 0)
			die("accept");
		no_delay(peer);
		if (!fork()) {
			serve_one(peer, addr);
			exit(0);
		}
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

static uint64_t ask_count(int fd)
{
	uint64_t n;

	if (write(fd, block, 1) != 1 || read(fd, &n, sizeof(n)) != sizeof(n))
		die("connection");
	return n;
}

static double flood(int fd, struct sockaddr_in addr, double seconds)
{
	int to = udp(addr, 1);
	double begin = now();
	uint64_t n = ask_count(fd);

	while (now() < begin + seconds)
		send_burst(to);
	return (double)(ask_count(fd) - n) / (now() - begin);
}

static double drain(struct sockaddr_in addr, double seconds)
{
	struct pollfd in = { .fd = udp(addr, 0), .events = POLLIN };
	double begin = now();
	uint64_t n = 0;

	while (now() < begin + seconds && poll(&in, 1, 1000) > 0)
		n += take_all(in.fd);
	return (double)n / (now() - begin);
}

static double datagrams(int fd, char kind, struct sockaddr_in addr, double seconds)
{
	return kind == 'f' ? flood(fd, addr, seconds) : drain(addr, seconds);
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
	if (strchr("fd", argv[1][0])) {
		printf("%.0f\n", datagrams(fd, argv[1][0], addr, seconds));
		return 0;
	}
	run(fd, argv[1][0], seconds / 4);	/* until its windows are open */
	rate = run(fd, argv[1][0], seconds);
	printf("%.0f\n", argv[1][0] == 'a' ? rate : rate * 8 / 1e6);
	return 0;
}
