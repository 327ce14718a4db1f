# SPDX-License-Identifier: BSD-3-Clause
"""A disk that this process plays, for QEMU's devices: NBD (the protocol's document is
proto.md of the nbd project) on a unix socket, one client at a time. It has a volatile
cache as disks have, remembers in which order requests came and were answered, takes
its time, fails and hangs as it is told."""
import asyncio
import errno
import random
import struct
import threading

SECTOR = 512
READ, WRITE, LEAVE, FLUSH, TRIM, ZEROES = 0, 1, 2, 3, 4, 6
FLAGS = 1 | 1 << 2 | 1 << 5 | 1 << 6            # flush, trim, write zeroes
OPTION_NAME, OPTION_ABORT, OPTION_GO = 1, 2, 7
REPLY_ACK, REPLY_INFO, REPLY_UNSUPPORTED = 1, 3, (1 << 31) + 1


class NbdDisk:
    """events: (kind, number, sector, data) in the order of the wire, kind is "write"
    or "flush" when it came, "written" or "flushed" when its success was told.
    discarded: (sector, sectors).
    rule(kind, sector, n_bytes) -> (seconds to wait, errno) of each request."""

    def __init__(self, path, mib=32, rule=None, content=None):
        """content: {sector: its bytes}"""
        self.path, self.rule = path, rule or (lambda *_: (0, 0))
        self.data = bytearray(mib << 20)
        for at, data in (content or {}).items():
            self.data[at * SECTOR:(at + 1) * SECTOR] = data
        self.events, self.discarded, self.n_failed = [], [], {}
        self._numbers, self._tasks = 0, set()
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        started.wait()

    def _run(self, started):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_unix_server(self._client, self.path))
        started.set()
        self._loop.run_forever()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def stop(self):
        """What has not been answered never is."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    @property
    def drive(self):
        return f"format=raw,file=nbd+unix:///?socket={self.path}"

    # ---- The handshake ----

    async def _options(self, reader, writer):
        """Returns whether the client goes on to requests."""
        writer.write(b"NBDMAGIC" + b"IHAVEOPT" + struct.pack(">H", 3))
        no_zeroes = struct.unpack(">I", await reader.readexactly(4))[0] & 2
        while True:
            _, option, n = struct.unpack(">QII", await reader.readexactly(16))
            await reader.readexactly(n)
            size = struct.pack(">QH", len(self.data), FLAGS)

            def answer(kind, data=b""):
                writer.write(struct.pack(">QIII", 0x3e889045565a9, option, kind, len(data)) + data)

            if option == OPTION_NAME:
                writer.write(size + (b"" if no_zeroes else bytes(124)))
                return True
            if option == OPTION_GO:
                answer(REPLY_INFO, b"\0\0" + size)
                answer(REPLY_ACK)
                return True
            if option == OPTION_ABORT:
                answer(REPLY_ACK)
                return False
            answer(REPLY_UNSUPPORTED)

    # ---- Requests ----

    async def _client(self, reader, writer):
        try:
            if await self._options(reader, writer):
                await self._requests(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()

    async def _requests(self, reader, writer):
        while True:
            _, _, kind, cookie, at, n = struct.unpack(">IHHQQI", await reader.readexactly(28))
            data = await reader.readexactly(n) if kind == WRITE else None
            if kind == LEAVE:
                return
            task = asyncio.ensure_future(self._serve(writer, kind, cookie, at, n, data))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, writer, kind, cookie, at, n, data):
        number = self._numbers = self._numbers + 1
        if kind == ZEROES:
            data = bytes(n)
        if data:
            self.events.append(("write", number, at // SECTOR, data))
        elif kind == TRIM:
            self.discarded.append((at // SECTOR, n // SECTOR))
        elif kind == FLUSH:
            self.events.append(("flush", number, 0, b""))
        wait, err = self.rule(kind, at // SECTOR, n)
        if wait:
            await asyncio.sleep(wait)
        # What fails has done a part
        if data:
            done = len(data) // 2 if err else len(data)
            self.data[at:at + done] = data[:done]
        if err:
            self.n_failed[kind] = self.n_failed.get(kind, 0) + 1
        elif data or kind == FLUSH:
            self.events.append(("written" if data else "flushed", number, 0, b""))
        if writer.is_closing():
            return
        writer.write(struct.pack(">IIQ", 0x67446698, err, cookie) +
                     (self.data[at:at + n] if kind == READ and not err else b""))


class Moody:
    """A rule: now and then slow; while it is on, with an error for one small request in
    `errors` and for each third flush, always for the sector `bad`; with a time to hang
    for the requests whose turn comes in `hangs`, and with a call of end() by request
    number `last`."""

    def __init__(self, seed, errors=0, bad=-1, hangs=(), last=None):
        self.random, self.errors, self.bad = random.Random(seed), errors, bad
        self.hangs, self.last = list(hangs), last
        self.n, self.n_flushes, self.is_on, self.end = 0, 0, False, None

    def __call__(self, kind, sector, n):
        wait = self.random.random() * 0.004 if self.random.random() < 0.4 else 0
        if not self.is_on:
            return wait, 0
        self.n += 1
        if self.n == self.last:
            self.end()
        if self.hangs and self.n >= self.hangs[0][0]:
            return self.hangs.pop(0)[1], 0
        self.n_flushes += kind == FLUSH
        is_due = self.n_flushes % 3 == 0 if kind == FLUSH else \
            n <= 16 * SECTOR and self.errors and not self.random.randrange(self.errors)
        is_bad = kind != FLUSH and sector <= self.bad < sector + n // SECTOR
        return wait, errno.EIO if self.errors and is_due or is_bad else 0


# ---- What a power cut leaves ----

class Cut:
    """The disk as of an event of the log: what flushes have made durable, and what may
    be there besides."""

    def __init__(self):
        self.stable = {}                # sector: its bytes
        self.loose = {}                 # sector: [(number of the write, bytes)], oldest first
        self._writes, self._flushes = {}, {}

    @classmethod
    def of(cls, events):
        cut = cls()
        for event in events:
            cut.step(event)
        return cut

    def step(self, event):
        kind, number, sector, data = event
        if kind == "write":
            self._writes[number] = (sector, len(data) // SECTOR, False)
            for i in range(len(data) // SECTOR):
                self.loose.setdefault(sector + i, []).append((number, data[i * SECTOR:(i + 1) * SECTOR]))
        elif kind == "written":
            self._writes[number] = self._writes[number][:2] + (True,)
        elif kind == "flush":
            # What was answered before it came
            self._flushes[number] = [n for n, write in self._writes.items() if write[2]]
        else:
            for n in self._flushes.pop(number):
                self._settle(n)

    def _settle(self, number):
        """The write is durable, and what it has overwritten is gone."""
        sector, n, _ = self._writes.pop(number, (0, 0, False))
        for at in range(sector, sector + n):
            versions = self.loose.get(at, [])
            behind = [i for i, (w, _) in enumerate(versions) if w == number]
            if behind:
                self.stable[at] = versions[behind[0]][1]
                self.loose[at] = versions[behind[0] + 1:]

    def pick(self, chance):
        """One of the disks that may be left; each sector is old or new on its own."""
        disk = dict(self.stable)
        for at, versions in self.loose.items():
            if versions and chance.random() < 0.5:
                disk[at] = chance.choice(versions)[1]
        return disk
