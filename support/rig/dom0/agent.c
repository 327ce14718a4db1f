/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bench's command server: process 1 of dom0.
 *
 * Every virtio-serial port named "rig.N" gets one server process. A server
 * has one client at a time and runs one command at a time, so clients that
 * want to work side by side take different ports.
 *
 * Client to server, text lines (a lost client can leave at most half a line):
 *	hello NONCE			start of a session, ends the previous one
 *	run MODE ROWS COLS HEX		MODE n: no input, i: input, p: terminal
 *	in HEX | eof | kill		input, end of input, SIGKILL the command
 * Server to client:
 *	hello NONCE\n			answer
 *	o LEN\n<LEN bytes>		standard output (or the terminal's)
 *	e LEN\n<LEN bytes>		standard error
 *	x STATUS\n			exit status, 128 + N when killed by signal N
 *
 * A command is over when its first process ends: what it left running in the
 * background goes on, and output that comes later is not waited for.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtc.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define LINE_MAX_BYTES	(1 << 20)
#define CHUNK_BYTES	16384
#define PORTS_MAX	32

struct server {
	int port;
	int epoll;
	char *line;
	size_t line_len;
	bool line_lost;		/* the current line is too long: drop it */

	pid_t pid;		/* 0: no command */
	int pidfd;
	int in, out, err;	/* -1: closed; a terminal has in == out */
	char *input;
	size_t input_len;
	bool input_eof;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void set_nonblock(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* --- towards the client ------------------------------------------------- */

/* Returns false when the client has gone. */
static bool port_write(struct server *s, const char *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = write(s->port, buf, len);

		if (n > 0) {
			buf += n;
			len -= (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = s->port, .events = POLLOUT };

			poll(&p, 1, -1);
			if (p.revents & POLLHUP)
				return false;
		} else if (n < 0 && errno != EINTR) {
			return false;
		}
	}
	return true;
}

static bool port_frame(struct server *s, char kind, const char *buf, size_t len)
{
	char head[32];
	int n = snprintf(head, sizeof(head), "%c %zu\n", kind, len);

	return port_write(s, head, (size_t)n) && port_write(s, buf, len);
}

/* --- the command -------------------------------------------------------- */

static void command_forget(struct server *s)
{
	if (s->in == s->out)
		s->in = -1;
	close_fd(&s->in);
	close_fd(&s->out);
	close_fd(&s->err);
	close_fd(&s->pidfd);
	free(s->input);
	s->input = NULL;
	s->input_len = 0;
	s->input_eof = false;
	s->pid = 0;
}

static void command_kill(struct server *s)
{
	if (s->pid == 0)
		return;
	kill(-s->pid, SIGKILL);
	kill(s->pid, SIGKILL);
}

static void command_exec(const char *text)
{
	signal(SIGPIPE, SIG_DFL);
	if (chdir("/root") != 0)
		_exit(126);
	execl("/bin/bash", "bash", "-c", text, (char *)NULL);
	_exit(127);
}

static int command_start_pty(struct server *s, const char *text,
			     struct winsize *size)
{
	int master;
	pid_t pid = forkpty(&master, NULL, NULL, size);

	if (pid < 0)
		return -errno;
	if (pid == 0)
		command_exec(text);
	fcntl(master, F_SETFD, FD_CLOEXEC);
	s->pid = pid;
	s->in = s->out = master;
	return 0;
}

static int command_start_pipes(struct server *s, const char *text, bool input)
{
	int in[2], out[2], err[2];
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) ||
	    pipe2(err, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		setsid();
		if (!input)
			in[0] = open("/dev/null", O_RDONLY);
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		command_exec(text);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	s->pid = pid;
	s->in = in[1];
	s->out = out[0];
	s->err = err[0];
	if (!input)
		close_fd(&s->in);
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place. Ends at the first character that is not hexadecimal. */
static size_t unhex(char *text)
{
	size_t n = 0;
	int high, low;

	while ((high = hex_digit(text[2 * n])) >= 0 &&
	       (low = hex_digit(text[2 * n + 1])) >= 0)
		text[n++] = (char)(high << 4 | low);
	text[n] = '\0';
	return n;
}

static void command_start(struct server *s, char *args)
{
	struct winsize size = { 0 };
	char mode;
	int used = 0, rc;

	if (sscanf(args, "%c %hu %hu %n", &mode, &size.ws_row, &size.ws_col,
		   &used) < 3 || s->pid != 0) {
		port_write(s, "x 125\n", 6);
		return;
	}
	args += used;
	unhex(args);
	if (mode == 'p')
		rc = command_start_pty(s, args, &size);
	else
		rc = command_start_pipes(s, args, mode == 'i');
	if (rc != 0) {
		port_write(s, "x 126\n", 6);
		return;
	}
	s->pidfd = pidfd_open(s->pid, 0);
	if (s->in >= 0)
		set_nonblock(s->in);
	set_nonblock(s->out);
	if (s->err >= 0)
		set_nonblock(s->err);
}

/* Returns false when there was nothing to forward. */
static bool command_forward(struct server *s, int *fd, char kind)
{
	char buf[CHUNK_BYTES];
	ssize_t n;

	if (*fd < 0)
		return false;
	n = read(*fd, buf, sizeof(buf));
	if (n > 0)
		return port_frame(s, kind, buf, (size_t)n);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (s->in == *fd)
		s->in = -1;
	close_fd(fd);
	return false;
}

static void command_finish(struct server *s)
{
	char text[32];
	int status = 0, n;

	while (command_forward(s, &s->out, 'o'))
		;
	while (command_forward(s, &s->err, 'e'))
		;
	waitpid(s->pid, &status, 0);
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	command_forget(s);
	n = snprintf(text, sizeof(text), "x %d\n", status);
	port_write(s, text, (size_t)n);
}

/* A process stuck in the kernel survives SIGKILL: it is not waited for. */
static void command_abandon(struct server *s)
{
	if (s->pid == 0)
		return;
	command_kill(s);
	command_forget(s);
}

static void command_input(struct server *s)
{
	ssize_t n = 0;

	if (s->input_len > 0 && s->in >= 0) {
		n = write(s->in, s->input, s->input_len);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			n = (ssize_t)s->input_len;	/* nobody reads it */
		if (n > 0) {
			s->input_len -= (size_t)n;
			memmove(s->input, s->input + n, s->input_len);
		}
	}
	if (s->input_len == 0 && s->input_eof && s->in != s->out)
		close_fd(&s->in);
}

/* --- from the client ---------------------------------------------------- */

static void handle_input(struct server *s, char *hex)
{
	size_t len = unhex(hex);

	if (s->pid == 0 || s->in < 0)
		return;
	s->input = realloc(s->input, s->input_len + len);
	if (s->input == NULL)
		abort();
	memcpy(s->input + s->input_len, hex, len);
	s->input_len += len;
	command_input(s);
}

static void handle_line(struct server *s, char *line)
{
	if (!strncmp(line, "hello ", 6)) {
		command_abandon(s);
		port_write(s, "\n", 1);
		port_write(s, line, strlen(line));
		port_write(s, "\n", 1);
	} else if (!strncmp(line, "run ", 4)) {
		command_start(s, line + 4);
	} else if (!strncmp(line, "in ", 3)) {
		handle_input(s, line + 3);
	} else if (!strcmp(line, "eof")) {
		s->input_eof = true;
		command_input(s);
	} else if (!strcmp(line, "kill")) {
		command_kill(s);
	}
}

static void port_read(struct server *s)
{
	char buf[CHUNK_BYTES];
	ssize_t n = read(s->port, buf, sizeof(buf));

	for (ssize_t i = 0; i < n; i++) {
		if (buf[i] == '\n') {
			s->line[s->line_len] = '\0';
			if (!s->line_lost)
				handle_line(s, s->line);
			s->line_len = 0;
			s->line_lost = false;
		} else if (s->line_len + 1 < LINE_MAX_BYTES) {
			s->line[s->line_len++] = buf[i];
		} else {
			s->line_lost = true;
		}
	}
}

/*
 * A port without a client reports POLLHUP for ever, so poll() would spin.
 * The edge-triggered descriptor sleeps until something about it changes.
 */
static void wait_for_client(struct server *s)
{
	struct epoll_event ev;

	command_abandon(s);
	s->line_len = 0;
	do {
		ev.events = EPOLLHUP;
		epoll_wait(s->epoll, &ev, 1, -1);
	} while (ev.events & EPOLLHUP);
}

static void serve_once(struct server *s)
{
	struct pollfd p[5] = {
		{ .fd = s->port, .events = s->input_len ? 0 : POLLIN },
		{ .fd = s->pid ? s->pidfd : -1, .events = POLLIN },
		{ .fd = s->pid ? s->out : -1, .events = POLLIN },
		{ .fd = s->pid ? s->err : -1, .events = POLLIN },
		{ .fd = s->input_len ? s->in : -1, .events = POLLOUT },
	};

	if (poll(p, 5, -1) < 0)
		return;
	while (s->pid == 0 && waitpid(-1, NULL, WNOHANG) > 0)
		;				/* abandoned ones */
	if (p[0].revents & POLLHUP) {
		wait_for_client(s);
		return;
	}
	if (p[2].revents)
		command_forward(s, &s->out, 'o');
	if (p[3].revents)
		command_forward(s, &s->err, 'e');
	if (p[4].revents)
		command_input(s);
	if (p[1].revents)
		command_finish(s);
	if (p[0].revents & POLLIN)
		port_read(s);
}

static void serve(const char *path)
{
	struct server s = { .in = -1, .out = -1, .err = -1, .pidfd = -1 };
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLET };

	s.port = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	s.epoll = epoll_create1(EPOLL_CLOEXEC);
	s.line = malloc(LINE_MAX_BYTES);
	if (s.port < 0 || s.epoll < 0 || s.line == NULL ||
	    epoll_ctl(s.epoll, EPOLL_CTL_ADD, s.port, &ev) < 0) {
		fprintf(stderr, "rig-agent: %s: %s\n", path, strerror(errno));
		sleep(1);
		_exit(1);
	}
	for (;;)
		serve_once(&s);
}

/* --- process 1 ---------------------------------------------------------- */

static bool is_rig_port(const char *entry)
{
	char path[512], name[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", entry);
	f = fopen(path, "r");
	if (f == NULL)
		return false;
	if (fgets(name, sizeof(name), f) == NULL)
		name[0] = '\0';
	fclose(f);
	return !strncmp(name, "rig.", 4);
}

static size_t find_ports(char paths[][64])
{
	DIR *d = opendir("/sys/class/virtio-ports");
	struct dirent *e;
	size_t n = 0;

	while (d != NULL && n < PORTS_MAX && (e = readdir(d)) != NULL)
		if (is_rig_port(e->d_name))
			snprintf(paths[n++], 64, "/dev/%.50s", e->d_name);
	if (d != NULL)
		closedir(d);
	return n;
}

static pid_t start_server(const char *path)
{
	pid_t pid = fork();

	if (pid == 0)
		serve(path);
	return pid;
}

/*
 * An interrupt each second, from the clock chip. QEMU 7.2 loses interrupts that come while
 * an HVM guest is entered or left: the bit that tells its CPU of them is written there
 * without the lock. They stay pending until another one comes; when the lost one was Xen's
 * timer and all else waits, none would come.
 */
static void start_heartbeat(void)
{
	/* They end when it is closed */
	int fd = open("/dev/rtc0", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, RTC_UIE_ON, 0))
		fprintf(stderr, "rig-agent: no interrupts from /dev/rtc0: %s\n", strerror(errno));
}

int main(int argc, char *argv[])
{
	static char paths[PORTS_MAX][64];
	pid_t pids[PORTS_MAX], pid;
	size_t n = find_ports(paths);

	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && !strcmp(argv[1], "--heartbeat"))
		start_heartbeat();
	if (n == 0)
		fprintf(stderr, "rig-agent: no virtio-serial port\n");
	for (size_t i = 0; i < n; i++)
		pids[i] = start_server(paths[i]);
	for (;;) {
		pid = wait(NULL);
		if (pid < 0)
			pause();
		for (size_t i = 0; i < n; i++)
			if (pids[i] == pid)
				pids[i] = start_server(paths[i]);
	}
}
