# SPDX-License-Identifier: BSD-3-Clause
"""
Commands in dom0, over one virtio-serial port: the client of dom0/agent.c,
which describes the protocol.
"""

import os
import secrets
import select
import socket
import threading
import time

from rig_host import RigError

GRACE_S = 5             # for a command to end after it was killed
INPUT_CHUNK = 4096


class RigTimeout(RigError):
    """A time limit passed. `stdout` and `stderr` hold what came until then."""

    stdout = stderr = b""


class RigDead(RigError):
    """QEMU, or the connection into it, has ended."""


class Result:
    """What a command did. `out` and `err` are the outputs as text."""

    def __init__(self, command, status, stdout, stderr):
        self.command = command
        self.status = status
        self.stdout = stdout
        self.stderr = stderr

    @property
    def out(self):
        return self.stdout.decode(errors="replace")

    @property
    def err(self):
        return self.stderr.decode(errors="replace")

    def __repr__(self):
        return f"Result({self.command!r}, status={self.status})"


def connect_unix(folder, name):
    """Connect to folder/name, whatever the length of the folder's path."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    fd = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        sock.connect(f"/proc/self/fd/{fd}/{name}")
    except OSError:
        sock.close()
        raise
    finally:
        os.close(fd)
    return sock


class Channel:
    """One session with one command server. Not for several threads at once."""

    def __init__(self, sock):
        self._sock = sock
        self._buf = b""

    def close(self):
        self._sock.close()

    def fileno(self):
        return self._sock.fileno()

    def _fill(self, deadline):
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise RigTimeout("time limit")
        if not select.select([self._sock], [], [], left)[0]:
            raise RigTimeout("time limit")
        try:
            data = self._sock.recv(1 << 18)
        except OSError as e:
            raise RigDead(f"connection to dom0 lost: {e}") from None
        if not data:
            raise RigDead("connection to dom0 lost")
        self._buf += data

    def _send(self, data):
        try:
            self._sock.sendall(data)
        except OSError as e:
            raise RigDead(f"connection to dom0 lost: {e}") from None

    def hello(self, deadline):
        """Start a session; returns when dom0 answers."""
        nonce = ("hello " + secrets.token_hex(8)).encode()
        self._send(b"\n" + nonce + b"\n")
        want = b"\n" + nonce + b"\n"
        while want not in self._buf:
            self._buf = self._buf[-len(want):]
            self._fill(deadline)
        self._buf = self._buf[self._buf.index(want) + len(want):]

    def _parse(self):
        """The next frame in the buffer as (kind, value), or None."""
        head, newline, rest = self._buf.partition(b"\n")
        if not newline:
            return None
        kind, value = head[:1].decode(), int(head[2:])
        if kind == "x":
            self._buf = rest
            return kind, value
        if len(rest) < value:
            return None
        self._buf = rest[value:]
        return kind, rest[:value]

    def _frame(self, deadline):
        while True:
            frame = self._parse()
            if frame:
                return frame
            self._fill(deadline)

    def start(self, command, mode="n", rows=0, cols=0):
        text = command.encode()
        self._send(b"run %c %d %d %s\n"
                   % (mode.encode(), rows, cols, text.hex().encode()))

    def send_input(self, data):
        for at in range(0, len(data), INPUT_CHUNK):
            self._send(b"in " + data[at:at + INPUT_CHUNK].hex().encode() + b"\n")

    def _feed(self, data):
        try:
            self.send_input(data)
            self._send(b"eof\n")
        except RigDead:
            pass                # the reader finds out too, and reports it

    def kill(self):
        self._send(b"kill\n")

    def _kill_and_drain(self, sink):
        """Returns what to add to the report."""
        self.kill()
        limit = time.monotonic() + GRACE_S
        try:
            while True:
                kind, value = self._frame(limit)
                if kind == "x":
                    return ""
                sink(kind, value)
        except RigTimeout:
            return " (and SIGKILL did not end it: stuck in dom0's kernel?)"

    def run(self, command, stdin=None, timeout=60, on_output=None):
        """Run a shell command; on_output(kind, bytes) sees output at once."""
        out = {"o": bytearray(), "e": bytearray()}

        def sink(kind, data):
            out[kind] += data
            if on_output:
                on_output(kind, data)

        deadline = None if timeout is None else time.monotonic() + timeout
        self.start(command, "n" if stdin is None else "i")
        if stdin is not None:
            # Beside the reading of output: the command may wait for either.
            threading.Thread(target=self._feed, args=(stdin,),
                             daemon=True).start()
        try:
            while True:
                kind, value = self._frame(deadline)
                if kind == "x":
                    return Result(command, value, bytes(out["o"]),
                                  bytes(out["e"]))
                sink(kind, value)
        except RigTimeout:
            note = self._kill_and_drain(sink)
            error = RigTimeout(f"over {timeout} s in dom0: {command}{note}")
            error.stdout, error.stderr = bytes(out["o"]), bytes(out["e"])
            raise error from None

    def interact(self, command, fd_in, fd_out, rows, cols):
        """Run a command on a terminal joined to two descriptors."""
        self.start(command, "p", rows, cols)
        watched = [self._sock, fd_in]
        while True:
            frame = self._parse()
            while frame:
                if frame[0] == "x":
                    return frame[1]
                os.write(fd_out, frame[1])
                frame = self._parse()
            ready = select.select(watched, [], [])[0]
            if fd_in in ready:
                data = os.read(fd_in, INPUT_CHUNK)
                if data:
                    self.send_input(data)
                else:
                    watched.remove(fd_in)
                    self.send_input(b"\x04")
            if self._sock in ready:
                self._fill(None)
