# SPDX-License-Identifier: BSD-3-Clause
"""
What the tests of netback on the bench share: its driver domains, an
administrator's commands, dom0's interfaces, each in a network namespace of its
own, so that what they say to each other crosses the driver domain.
"""

import os
import re
import shlex
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "blkback"))

import blkbench                                                 # noqa: E402
from blkbench import (CYCLES_TOOL, KINDS, LinuxGuest, Skip,     # noqa: E402, F401
                      check, check_cycles, pv_only, run_test)

TRAFFIC = "/root/traffic.py"
LIBXL_LIMIT_S = 10

# Prints the interface with that address, when it is there.
FIND = """
for i in $(seq 100); do
	for d in /sys/class/net/*; do
		[ "$(cat $d/address 2>/dev/null)" = %s ] && [ ${d##*/} != lo ] && {
			echo ${d##*/}; exit 0; }
	done; sleep 0.1
done; exit 1
"""


class NetDomain(blkbench.DriverDomain):
    """A domain that runs the image; interfaces by their number n: device n of
    dom0, 10.0.0.n and fd00::n in the namespace ns<n>."""

    def __init__(self, bench, kind, name=None, memory=8, lines=()):
        super().__init__(bench, kind, name, memory, lines)

    @staticmethod
    def mac(n, fe=0):
        return f"00:16:3e:00:{fe:02x}:{n:02x}"

    def attach(self, n, extra=""):
        """Returns when it can be used, in its namespace."""
        result = self.try_attach(n, extra)
        check(result.status == 0, f"attach {n}: {result.err}")
        self.enter(n)

    def enter(self, n):
        """Make ready what is attached."""
        rig, ns = self.rig, f"ns{n}"
        rig.wait_xs(f"/local/domain/0/device/vif/{n}/state", "4", 20)
        device = rig.run(FIND % self.mac(n)).out.strip()
        rig.run(f"ip netns add {ns} && ip link set {device} netns {ns} name v{n} && "
                f"ip -n {ns} addr add 10.0.0.{n}/24 dev v{n} && "
                f"ip -n {ns} addr add fd00::{n}/64 dev v{n} nodad && "
                f"ip -n {ns} link set lo up && ip -n {ns} link set v{n} up")

    def try_attach(self, n, extra=""):
        return self.rig.run(f"xl network-attach 0 backend={self.name} devid={n} "
                            f"mac={self.mac(n)} {extra}", check=False)

    def detach(self, n):
        """In the time that libxl gives, without traces."""
        result = self.rig.run(f"xl network-detach 0 {n}", check=False)
        check(result.status == 0 and "timed out" not in result.err,
              f"detach {n}: status {result.status}: {result.err}")
        self.rig.wait_xs(self.be_path(n), "-", LIBXL_LIMIT_S)
        self.rig.run(f"ip netns del ns{n}", check=False)

    def be_path(self, n, fe=0):
        return f"/local/domain/{self.domid}/backend/vif/{fe}/{n}"

    def error_of(self, n, fe=0):
        path = f"/local/domain/{self.domid}/error/backend/vif/{fe}/{n}/error"
        return self.rig.run(f"xenstore-read {path}", check=False).out.strip()

    # --- traffic -------------------------------------------------------------

    def in_ns(self, n, command, timeout=60, check=True):
        return self.rig.run(f"ip netns exec ns{n} {command}", timeout=timeout, check=check)

    def serve(self, n):
        """The other end of the checked traffic."""
        self.rig.run(f"ip netns exec ns{n} python3 {TRAFFIC} serve > /dev/null 2>&1 &")
        self.rig.run(f"for i in $(seq 100); do ip netns exec ns{n} python3 {TRAFFIC} datagrams "
                     f"10.0.0.{n} 1 2>/dev/null && exit 0; sleep 0.1; done; exit 1")

    def traffic(self, n, command, *words, timeout=60):
        """traffic.py, from interface n; it says what went wrong."""
        result = self.in_ns(n, f"python3 {TRAFFIC} {command} {' '.join(map(str, words))}",
                            timeout, check=False)
        check(result.status == 0, f"{command} {words}: {result.err.strip()[-300:]}")
        return result.out

    # --- what the image says -------------------------------------------------

    def status(self):
        """What it prints when somebody presses Enter."""
        rig = self.rig
        tty = rig.run(f"xenstore-read /local/domain/{self.domid}/console/tty").out.strip()
        start = len(rig.console(self.name))
        rig.run(f"printf '\\n' > {tty}")
        rig.wait_console(self.name, r"memory: \d+ KiB free of \d+\n", 10, start)
        return rig.console(self.name)[start:]

    def memory_left_kb(self):
        return int(re.search(r"memory: (\d+) KiB", self.status()).group(1))

    def drops(self):
        """By reason, of all interfaces; without what was for one that is not
        connected yet."""
        found = {}
        for line in re.findall(r"dropped:(.*)", self.status()):
            for why, n in re.findall(r"([a-z-]+) (\d+)", line):
                found[why] = found.get(why, 0) + int(n)
        found.pop("nowhere", None)
        return found


class Guest(LinuxGuest):
    """A guest that changes its domain."""

    def write_config(self):
        return self.rig.put_text(self._config, f"/root/{self.name}.xl")

    def domid(self):
        return int(self.rig.run(f"xl domid {self.name}").out)

    def find(self):
        """It has a new domain, and with it another console."""
        path = f"/local/domain/{self.domid()}/console/tty"
        self._tty = self.rig.run(f"xenstore-read {path}").out.strip()

    def type(self, line):
        """A command that may be its last."""
        self.rig.run(f"echo {shlex.quote(line)} > {self._tty}")


class NetBench(blkbench.Bench):
    app = "netback"
    domain_class = NetDomain

    def __enter__(self):
        super().__enter__()
        self.rig.put(os.path.join(HERE, "traffic.py"), TRAFFIC)
        return self

    def tidy(self):
        """After a test, however it ended: no traffic, no interface, no guest."""
        rig = self.rig
        rig.run("for p in $(pidof python3 iperf3 ping); do kill -9 $p; done; "
                "for n in $(ip netns | cut -d' ' -f1); do ip netns del $n; done", check=False)
        for row in rig.run("xl network-list 0", check=False).out.splitlines()[1:]:
            rig.run(f"xl network-detach 0 {row.split()[0]}", check=False)
        known = {"Domain-0", *(d.name for d in self.domains.values())}
        for name in self.names():
            if name not in known:
                rig.run(f"xl destroy {name}", check=False)


def main(tests, **options):
    return blkbench.main(tests, NetBench, **options)


def seconds(function, *args):
    begin = time.monotonic()
    function(*args)
    return time.monotonic() - begin
