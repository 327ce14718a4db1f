# SPDX-License-Identifier: BSD-3-Clause
"""A client of xenstored's Unix socket, and the daemon as a process on linuxu.
Specification of the messages: docs/misc/xenstore.txt, xen/io/xs_wire.h."""
import contextlib
import os
import signal
import socket
import struct
import subprocess
import tempfile
import time

(CONTROL, DIRECTORY, READ, GET_PERMS, WATCH, UNWATCH, TRANSACTION_START, TRANSACTION_END, INTRODUCE,
 RELEASE, GET_DOMAIN_PATH, WRITE, MKDIR, RM, SET_PERMS, WATCH_EVENT, ERROR, IS_DOMAIN_INTRODUCED,
 RESUME, SET_TARGET) = range(20)
RESET_WATCHES, DIRECTORY_PART = 21, 22
HEADER = struct.Struct("<IIII")
PATIENCE = 8


class Refused(Exception):
    """The store's answer is an error; its name is the argument."""


def message(kind, *parts, tx=0, req_id=0, length=None):
    """Parts are joined by zeros; one that is to end with a zero is followed by "" ."""
    payload = b"\0".join(p if isinstance(p, bytes) else str(p).encode() for p in parts)
    return HEADER.pack(kind, req_id, tx, len(payload) if length is None else length) + payload


class Client:
    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        # Of a socket with a timeout Python makes one that does not wait to connect
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", PATIENCE, 0))
        self.sock.connect(path)
        self.sock.settimeout(PATIENCE)
        self.events = []
        self.last_id = 0

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _bytes(self, n):
        data = b""
        while len(data) < n:
            part = self.sock.recv(n - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def receive(self):
        """The next message: its type, request and payload."""
        kind, req_id, _, length = HEADER.unpack(self._bytes(HEADER.size))
        return kind, req_id, self._bytes(length)

    def answer(self, kind, req_id):
        while True:
            got, answered, payload = self.receive()
            if got == WATCH_EVENT:
                self.events.append(tuple(payload.decode().split("\0")[:2]))
                continue
            if answered != req_id:
                raise ValueError(f"answer to {answered}, not to {req_id}")
            if got == ERROR:
                raise Refused(payload.rstrip(b"\0").decode())
            if got != kind:
                raise ValueError(f"answer of type {got}, not {kind}")
            return payload

    def ask(self, kind, *parts, tx=0):
        self.last_id += 1
        self.sock.sendall(message(kind, *parts, tx=tx, req_id=self.last_id))
        return self.answer(kind, self.last_id)

    def event(self):
        """The next watch event: path and token."""
        while not self.events:
            kind, _, payload = self.receive()
            if kind != WATCH_EVENT:
                raise ValueError(f"message of type {kind}, not an event")
            self.events.append(tuple(payload.decode().split("\0")[:2]))
        return self.events.pop(0)

    def is_quiet(self):
        """Nothing has come. The store answers in order: what it sent before has."""
        self.ask(READ, "/tool", "")
        return not self.events

    # In the order of xs_wire.h
    def directory(self, path, tx=0):
        return sorted(self.ask(DIRECTORY, path, "", tx=tx).decode().split("\0")[:-1])

    def read(self, path, tx=0):
        return self.ask(READ, path, "", tx=tx)

    def perms(self, path):
        return self.ask(GET_PERMS, path, "").decode().split("\0")[:-1]

    def watch(self, path, token):
        self.ask(WATCH, path, token, "")

    def start(self):
        return int(self.ask(TRANSACTION_START, "", "").rstrip(b"\0"))

    def end(self, tx, is_commit=True):
        self.ask(TRANSACTION_END, "T" if is_commit else "F", "", tx=tx)

    def write(self, path, value, tx=0):
        self.ask(WRITE, path, value, tx=tx)

    def rm(self, path, tx=0):
        self.ask(RM, path, "", tx=tx)

    def set_perms(self, path, *perms):
        self.ask(SET_PERMS, path, *perms, "")


class Store:
    """The daemon's process. self.path: its socket."""

    def __init__(self, image, folder):
        self.path = os.path.join(folder, "socket")
        self.log = open(os.path.join(folder, "log"), "w+", encoding="utf-8", errors="replace")
        self.process = subprocess.Popen([image, f"xenstored.rundir={folder}"], stdout=self.log,
                                        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.status = None

    def wait_until_ready(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError), self.client():
                return
            time.sleep(0.01)
        raise TimeoutError(f"no answer, status {self.process.poll()}: {self.output()}")

    def client(self):
        return Client(self.path)

    def output(self):
        self.log.seek(0)
        return self.log.read()[-1500:]

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def ticks(self):
        """Processor time in hundredths of a second."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            return sum(int(n) for n in f.read().rsplit(")", 1)[1].split()[11:13])

    def end(self, sig=signal.SIGTERM):
        """Exit status; negative: the signal's number; None: it had to be killed."""
        if self.process.poll() is None:
            self.process.send_signal(sig)
        try:
            self.status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return self.status


@contextlib.contextmanager
def store(image, folder=None):
    with tempfile.TemporaryDirectory(prefix="uk-store-") as own:
        s = Store(image, folder or own)
        try:
            s.wait_until_ready()
            yield s
        finally:
            s.end()
            s.log.close()
