# SPDX-License-Identifier: BSD-3-Clause
"""
What the restart tests of driver domains share: restarts, what frontends see of
them (nothing in xenstore), and what they leave.
"""

import random
import re
import threading
import time

from blkbench import check

# Crashes in a minute that are followed by a restart; tests make more than the default
EXTRA = 'extra = "restart.max=16"'
# A storage domain's disks outlive them
KEEP_DISKS = ("CONFIG_LIBRAMDISK_KEEP=y", "CONFIG_LIBRESTART_KEEP_KIB=16384")
LOG = "/tmp/states"

FIO = ("fio --name=v --filename=/dev/{} --rw=randrw --direct=1 --ioengine=libaio "
       "--iodepth=16 --bsrange=512-64k --blocksize_unaligned=0 --size={} --io_size={} "
       "--fsync=40 --verify=crc32c --verify_backlog=64 --verify_fatal=1 --verify_dump=0 "
       "--do_verify=1 --output-format=terse")


def lives(dd):
    """Of the domain: the number that it printed last."""
    found = re.findall(r"restart: life (\d+) after", dd.console())
    return int(found[-1]) if found else 1


def restart(dd, letter, timeout=20):
    """xl sysrq: b at once, c by a crash. Returns when the new life has said so.
    @return what it has printed since."""
    start, life = len(dd.console()), lives(dd) + 1
    dd.rig.run(f"xl sysrq {dd.name} {letter}")
    dd.rig.wait_console(dd.name, rf"restart: life {life} after", timeout, start)
    return dd.console()[start:]


class Verify:
    """fio on a disk of dom0's in the background, which checks what it reads."""

    def __init__(self, rig, vdev, size, io_size):
        self._rig, self._vdev = rig, vdev
        rig.run(f"rm -f /tmp/fio.*; ({FIO.format(vdev, size, io_size)} > /tmp/fio.out 2>&1; "
                "echo $? > /tmp/fio.status) > /dev/null 2>&1 &")

    def is_over(self):
        return self._rig.run("cat /tmp/fio.status", check=False).out.strip()

    def check(self, timeout=90):
        self._rig.wait_for(self.is_over, timeout, 0.3, f"fio on {self._vdev}")
        why = self._rig.run("tail -c 600 /tmp/fio.out").out
        check(self.is_over() == "0", f"fio on {self._vdev}: {self.is_over()}: {why}")


def errors_of_dom0(rig):
    """What its kernel says of disks that fail."""
    return rig.run("dmesg | grep -i -e 'I/O error' -e 'blkfront.*error'", check=False).out


class States:
    """The states of both ends of devices, watched while the `with` lasts: nobody
    writes them."""

    def __init__(self, rig, paths):
        self._rig, self._paths = rig, [f"{p}/state" for p in paths]

    def _values(self):
        return self._rig.run("xenstore-read " + " ".join(self._paths)).out.split()

    def __enter__(self):
        self._rig.run(f"(exec xenstore-watch {' '.join(self._paths)} > {LOG} 2>&1 & "
                      f"echo $! > {LOG}.pid)")
        self._rig.wait_for(lambda: self._events() >= len(self._paths), 10, 0.2,
                           "the watches' first events")
        self._first = self._events()
        return self

    def _events(self):
        return int(self._rig.run(f"wc -l < {LOG}").out)

    def __exit__(self, kind, *unused):
        log = self._rig.run(f"kill $(cat {LOG}.pid); cat {LOG}", check=False).out
        if kind:
            return
        values = self._values()
        check(set(values) == {"4"}, f"states after the restarts: {values}")
        check(len(log.splitlines()) == self._first, f"states were written: {log}")


def traces(dd):
    """Open event channels, pages of others' that are mapped, nodes."""
    rig = dd.rig
    nodes = rig.run(f"xenstore-ls -f /local/domain/{dd.domid} | sed 's/ = .*//' | "
                    "grep -v -e /error -e control/").out
    size = len(rig.log("xen"))
    rig.run("xl debug-keys e && xl debug-keys g")
    rig.wait_console("xen", r"gnttab_usage_print_all \] done", 10, size)
    said = rig.log("xen")[size:]
    ports = said.partition(f"Event channel information for domain {dd.domid}:")[2]
    ports = re.split(r"Event channel info|gnttab|\] done|'g'", ports)[0].count(": s=")
    given = said.partition(f"grant-table for remote d{dd.domid} ")[2]
    given = given.partition("grant-table for")[0]
    dom0 = said.partition("grant-table for remote d0 ")[2].partition("grant-table for")[0]
    return {"nodes": nodes, "event channels": ports,
            "maps": len(re.findall(r"\(XEN\) \[0x", dom0)),
            "grants": len(re.findall(r"\(XEN\) \[0x", given))}


def check_same(before, after):
    for what, value in before.items():
        check(after[what] == value, f"{what}: {value} before, {after[what]} after")


def during(dd, letters, pause_s, is_over):
    """Restart again and again until @is_over(). @return how often."""
    n = 0
    while not is_over():
        restart(dd, letters[n % len(letters)])
        n += 1
        time.sleep(pause_s)
    return n


def while_it_starts(dd, letter, command, seed):
    """@command in dom0, with a restart somewhere in it. @return its result."""
    result = []
    thread = threading.Thread(
        target=lambda: result.append(dd.rig.run(command, check=False, timeout=60)))
    thread.start()
    time.sleep(random.Random(seed).uniform(0, 0.4))
    restart(dd, letter)
    thread.join()
    return result[0]
