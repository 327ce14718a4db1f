# SPDX-License-Identifier: BSD-3-Clause
"""
Runs in dom0: attaches and detaches devices of dom0's as libxl does, many at a time,
and without the time that an xl takes to start. KIND is vif or vbd.

    cycles.py KIND cycles DOMID COUNT WIDTH     COUNT in all, WIDTH of them side by side
    cycles.py KIND attach DOMID N NAME=VALUE... one, with further nodes of the frontend's
    cycles.py KIND detach DOMID N

The first prints the longest time of each step that libxl gives 10 s for, in
milliseconds: "attach 35 connect 60 close 40 remove 1010". Ends with an error where
one of them takes longer than that.
"""

import multiprocessing
import select
import sys
import time

sys.path.append("/usr/lib/xen-4.17/lib/python")

from xen.lowlevel.xs import xs as Connection                    # noqa: E402

LIMIT_S = 10
FIRST = 100                             # device numbers from here on
STEPS = ("attach", "connect", "close", "remove")


class Device:
    """One of dom0's. Each has a number of its own: Linux may still be busy with the
    last one's end when it is made again."""

    def __init__(self, kind, xs, worst, domid, n, nodes=()):
        self.kind, self.xs, self.worst, self.domid, self.nodes = kind, xs, worst, domid, nodes
        # A vif's number, or that of xvd<many letters>
        self.n = n if kind == "vif" else 1 << 28 | n << 8
        self.be = f"/local/domain/{domid}/backend/{kind}/0/{self.n}"
        self.fe = f"/local/domain/0/device/{kind}/{self.n}"
        self.xs.watch(f"{self.be}/state", "be")
        self.xs.watch(f"{self.fe}/state", "fe")

    def read(self, path):
        return (self.xs.read("", path) or b"-").decode()

    def wait(self, step, path, *values):
        """Until the node at `path` has one of the values; "-": is not there."""
        begin = time.monotonic()
        while (value := self.read(path)) not in values:
            left = begin + LIMIT_S - time.monotonic()
            if left < 0:
                sys.exit(f"{step} of {self.n}: {path} is {value} after {LIMIT_S} s")
            if select.select([self.xs.fileno()], [], [], left)[0]:
                self.xs.read_watch()
        self.worst[step] = max(self.worst[step], time.monotonic() - begin)

    def transact(self, function):
        while True:
            tx = self.xs.transaction_start()
            function(tx)
            if self.xs.transaction_end(tx):
                return

    def make(self, tx):
        own, peer = {"dom": 0, "read": False, "write": False}, self.domid
        self.xs.mkdir(tx, self.fe)
        self.xs.set_permissions(tx, self.fe, [own, {"dom": peer, "read": True, "write": False}])
        self.xs.mkdir(tx, self.be)
        self.xs.set_permissions(tx, self.be, [{**own, "dom": peer},
                                              {"dom": 0, "read": True, "write": False}])
        fe, be = self.vif() if self.kind == "vif" else self.vbd()
        for name, value in (("backend", self.be), ("backend-id", peer), ("state", 1),
                            ("trusted", 1), *fe, *self.nodes):
            self.xs.write(tx, f"{self.fe}/{name}", str(value))
        for name, value in (("frontend", self.fe), ("frontend-id", 0), ("online", 1),
                            ("state", 1), *be):
            self.xs.write(tx, f"{self.be}/{name}", str(value))

    def vif(self):
        mac = ("mac", f"00:16:3e:00:{self.n >> 8:02x}:{self.n & 255:02x}")
        return ((mac, ("handle", self.n), ("mtu", 1500)),
                (mac, ("handle", self.n), ("bridge", "xenbr0"), ("type", "vif"),
                 ("script", "/etc/xen/scripts/vif-bridge"), ("hotplug-status", "")))

    def vbd(self):
        kind = ("device-type", "disk")
        return ((kind, ("virtual-device", self.n)),
                (kind, ("params", "ram:size=1M"), ("script", "/etc/xen/scripts/block"),
                 ("removable", 0), ("bootable", 1), ("dev", "xvd"), ("type", "phy"),
                 ("mode", "w"), ("discard-enable", 1), ("specification", "xen")))

    def ask_to_close(self, tx):
        self.xs.write(tx, f"{self.be}/online", "0")
        self.xs.write(tx, f"{self.be}/state", "5")

    def attach(self):
        self.transact(self.make)
        # Who is fast has seen the frontend connect, too
        self.wait("attach", f"{self.be}/state", "2", "4")
        self.wait("connect", f"{self.be}/state", "4")
        self.wait("connect", f"{self.fe}/state", "4")

    def detach(self):
        self.transact(self.ask_to_close)
        self.wait("close", f"{self.be}/state", "6", "-")
        self.wait("remove", f"{self.be}/state", "-")
        self.xs.unwatch(f"{self.be}/state", "be")
        self.xs.unwatch(f"{self.fe}/state", "fe")
        self.xs.rm("", self.fe)


def attach_and_detach(kind, domid, numbers, queue):
    xs, worst = Connection(), dict.fromkeys(STEPS, 0)
    for n in numbers:
        device = Device(kind, xs, worst, domid, n)
        device.attach()
        device.detach()
    queue.put(worst)


def cycles(kind, domid, count, width):
    queue = multiprocessing.SimpleQueue()
    workers = [multiprocessing.Process(
        target=attach_and_detach,
        args=(kind, domid, range(FIRST + i, FIRST + count, width), queue))
        for i in range(width)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        return 1
    worst = [queue.get() for _ in workers]
    print(*(f"{step} {1000 * max(w[step] for w in worst):.0f}" for step in STEPS))
    return 0


def main(kind, command, domid, *words):
    if command == "cycles":
        return cycles(kind, int(domid), *map(int, words))
    nodes = [word.split("=", 1) for word in words[1:]]
    device = Device(kind, Connection(), dict.fromkeys(STEPS, 0), int(domid), int(words[0]), nodes)
    device.attach() if command == "attach" else device.detach()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
