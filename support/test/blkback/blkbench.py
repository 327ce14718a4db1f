# SPDX-License-Identifier: BSD-3-Clause
"""
What the tests of driver domains on the bench share: images, domains, a runner;
and for blkback the commands of an administrator, and loads that verify what they
wrote.
"""

import functools
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
TREE = os.path.realpath(os.path.join(HERE, "..", "..", ".."))
sys.path.insert(0, os.path.join(TREE, "support", "rig"))

from rig import Rig, RigDead                                    # noqa: E402
from rig_guest import LinuxGuest                                # noqa: E402

KINDS = ("pv", "pvh")
PLATFORMS = {"pv": "xenpv", "pvh": "xenhvm", "hvm": "xenhvm"}
LIBXL_LIMIT_S = 10      # how long libxl waits for a back end, in each step

# Of both kinds; more than a domain may have watches, so that none can stay behind.
# CYCLES=1000 takes ten minutes or more, and UK_RIG_MEMORY=3G UK_RIG_DOM0_MEMORY=2000M:
# dom0's Linux (6.1) does not get back a megabyte of each interface that it had.
CYCLES = int(os.environ.get("CYCLES", "120"))
CYCLES_TOOL = "/root/cycles.py"
WIDTH = 8               # side by side
SLACK_KB = 4            # in half of the cycles

# Writes ROUNDS times a megabyte of its own to DEV and reads each time back. The
# last close of a device drops its cache, so that the data come from the disk.
# It leaves dom0's only CPU to others now and then.
LOAD = """
dev=$1 rounds=$2 mine=/tmp/load.$(basename $1)
dd if=/dev/urandom of=$mine bs=64k count=16 || exit 1
i=0
while [ $i -lt $rounds ] && [ ! -e $mine.stop ]; do
	at=$((i % 5 * 16))
	dd if=$mine of=$dev bs=64k seek=$at conv=notrunc,fsync || exit 2
	dd if=$dev of=$mine.back bs=64k skip=$at count=16 || exit 3
	cmp $mine $mine.back || exit 4
	i=$((i + 1))
	echo $i > $mine.rounds
	sleep 0.1
done
"""


def check(condition, why):
    if not condition:
        raise AssertionError(why)


def vdev_id(vdev):
    """xvdb: 51728; from xvdq on another scheme"""
    n = ord(vdev[-1]) - ord("a")
    return 202 << 8 | n << 4 if n < 16 else 1 << 28 | n << 8


def fe_path(vdev, domid=0):
    return f"/local/domain/{domid}/device/vbd/{vdev_id(vdev)}"


class Skip(Exception):
    """The test cannot be made here."""


def pv_only(function):
    """A test that one kind of domain is enough for."""
    @functools.wraps(function)
    def test(bench, dd):
        if dd.kind != "pv":
            raise Skip("nothing in it depends on the kind")
        function(bench, dd)
    return test


class DriverDomain:
    """A domain that runs the image, and the commands that concern it."""

    def __init__(self, bench, kind, name=None, memory=192, lines=()):
        self.bench, self.rig, self.kind = bench, bench.rig, kind
        self.name = name or f"dd{kind}"
        self.domid = None
        image = "firmware_override" if kind == "hvm" else "kernel"
        lines = [f'{image} = "/root/{bench.image(kind)}"', *lines]
        if kind == "hvm":
            lines += ['vga = "none"', "vnc = 0"]
        # libxl cannot make the paging pool of a small domain small enough.
        elif kind == "pvh" and memory < 24:
            lines += ["shadow_memory = 1"]
        self._config = "\n".join([
            f'name = "{self.name}"', f'type = "{kind}"', f"memory = {memory}",
            'on_crash = "preserve"', *lines, ""])

    def create(self):
        config = self.rig.put_text(self._config, f"/root/{self.name}.xl")
        self.rig.run(f"xl create {config}", timeout=60)
        self.domid = int(self.rig.run(f"xl domid {self.name}").out)
        return self

    def destroy(self):
        self.rig.run(f"xl destroy {self.name}", check=False)

    def is_well(self):
        """It exists and has not crashed."""
        line = self.rig.run(f"xl list {self.name}", check=False).out
        state = re.search(r"\s([r-][b-][p-][s-][c-][d-])\s", line)
        return bool(state) and state.group(1)[3:] == "---"

    def console(self):
        return self.rig.console(self.name)

    # --- an administrator's commands ---------------------------------------

    def disk(self, vdev, target, access="rw"):
        """As in disk = [...]"""
        return (f"backend={self.name},vdev={vdev},format=raw,access={access},"
                f"target={target}")

    def try_attach(self, vdev, target, access="rw", fe="0"):
        return self.rig.run(f"xl block-attach {fe} "
                            + shlex.quote(self.disk(vdev, target, access)),
                            check=False)

    def attach(self, vdev, target, access="rw"):
        """To dom0; returns when the disk can be used."""
        result = self.try_attach(vdev, target, access)
        check(result.status == 0, f"attach {vdev} {target}: {result.err}")
        self.rig.wait_xs(fe_path(vdev) + "/state", "4", 20)
        self.rig.run(f"for i in $(seq 100); do [ -b /dev/{vdev} ] && exit 0; "
                     f"sleep 0.1; done; echo no /dev/{vdev} >&2; exit 1")

    def detach(self, vdev):
        """From dom0; in the time that libxl gives, without traces."""
        result = self.rig.run(f"xl block-detach 0 {vdev}", check=False)
        check(result.status == 0 and "timed out" not in result.err,
              f"detach {vdev}: status {result.status}: {result.err}")
        self.check_gone(vdev)

    def check_gone(self, vdev, fe=0):
        """Both ends' directories go, the back end's a moment later."""
        self.rig.wait_xs(f"{self.be_path(vdev, fe)}", "-", LIBXL_LIMIT_S)
        self.rig.wait_xs(fe_path(vdev, fe), "-", LIBXL_LIMIT_S)
        listed = self.rig.run(f"xl block-list {fe}", check=False).out
        check(not re.search(rf"^{vdev_id(vdev)} ", listed, re.M),
              f"block-list still shows {vdev}: {listed}")

    # --- what there is to see ----------------------------------------------

    def be_path(self, vdev, fe=0):
        return f"/local/domain/{self.domid}/backend/vbd/{fe}/{vdev_id(vdev)}"

    def error_of(self, vdev, fe=0):
        """The error node of a device; "" when there is none."""
        path = f"/local/domain/{self.domid}/error/backend/vbd/{fe}/{vdev_id(vdev)}/error"
        return self.rig.run(f"xenstore-read {path}", check=False).out.strip()

    def memory_left_kb(self):
        """What disks may take, as a refused target says."""
        self.try_attach("xvdz", "ram:size=4T")
        error = self.error_of("xvdz")
        self.rig.run("xl block-detach 0 xvdz")
        return int(re.search(r"(\d+) KiB are left", error).group(1))

    def traces(self):
        """What a device could leave: nodes in xenstore, open event channels,
        pages of dom0's that are mapped."""
        rig = self.rig
        nodes = rig.run(f"xenstore-ls -f /local/domain/{self.domid} | sed 's/ = .*//' | "
                        "grep -v /error").out
        size = len(rig.log("xen"))
        rig.run("xl debug-keys e && xl debug-keys g")
        rig.wait_console("xen", r"gnttab_usage_print_all \] done", 10, size)
        said = rig.log("xen")[size:]
        ports = said.partition(f"Event channel information for domain {self.domid}:")[2]
        ports = re.split(r"Event channel info|gnttab|\] done|'g'", ports)[0].count(": s=")
        dom0 = said.partition("grant-table for remote d0 ")[2].partition("grant-table for")[0]
        maps = len(re.findall(r"\(XEN\) \[0x", dom0))
        return {"nodes": nodes, "event channels": ports, "maps": maps}


def check_cycles(dd, kind):
    """Attached and detached by dom0 many times, nothing of a device stays behind and
    nothing that libxl limits comes near its limit. The heap may keep what it has come
    to need, by when there are most at a time: in the first half of them, as a rule. What
    leaks is less after each half."""
    def cycle(count):
        done = dd.rig.run(f"python3 {CYCLES_TOOL} {kind} cycles {dd.domid} {count} {WIDTH}",
                          timeout=120 + 5 * count, check=False)
        check(done.status == 0, f"{done.out} {done.err}"[-600:])
        return done.out.strip()

    cycle(WIDTH)
    before, left = None, []
    for count in (0, *[CYCLES // 2] * 4):
        times = cycle(count)
        left.append(dd.memory_left_kb())        # xl also takes away empty directories
        after = dd.traces()
        for what, value in (before or after).items():
            check(after[what] == value, f"{what}: {value} before, {after[what]} after")
        before = before or after
        if len(left) > 2 and left[-2] - left[-1] <= SLACK_KB:
            break
    check(left[-2] - left[-1] <= SLACK_KB, f"KiB left: {left}, {CYCLES // 2} cycles between them")
    print(f"  {dd.name}: {CYCLES // 2} cycles each, KiB left {left}; at most, in ms: {times}")


class Load:
    """LOAD on a disk of dom0's or of a guest, in the background."""

    def __init__(self, where, vdev, rounds):
        self._where, self._vdev, self._rounds = where, vdev, rounds
        self._base = f"/tmp/load.{vdev}"

    def start(self):
        base = self._base
        coded = shlex.quote(LOAD)
        self._where.run(
            f"rm -f {base}*; (sh -c {coded} load /dev/{self._vdev} {self._rounds} "
            f"> {base}.log 2>&1; echo $? > {base}.status) > /dev/null 2>&1 &")
        return self

    def rounds(self):
        done = self._where.run(f"cat {self._base}.rounds", check=False).out.strip()
        return int(done) if done.isdigit() else 0

    def wait_rounds(self, least, timeout=60):
        """Until it has done that many; it must not have ended badly."""
        limit = time.monotonic() + timeout
        while self.rounds() < least:
            status = self._where.run(f"cat {self._base}.status", check=False).out.strip()
            check(status in ("", "0") or not status.isdigit(), self._story(status))
            check(time.monotonic() < limit, f"load on {self._vdev}: stuck in round "
                                            f"{self.rounds()}")
            time.sleep(0.3)

    def finish(self, timeout=90):
        """Wait for its end; all that was read must have been what was written."""
        self._where.run(
            f"for i in $(seq {timeout * 5}); do [ -s {self._base}.status ] && exit 0; "
            "sleep 0.2; done; exit 1" if self._where.__class__ is Rig else
            f"i=0; while [ ! -s {self._base}.status ] && [ $i -lt {timeout * 5} ]; do "
            "sleep 0.2; i=$((i+1)); done", timeout=timeout + 20)
        status = self._where.run(f"cat {self._base}.status").out.strip()
        check(status == "0", self._story(status))
        return self.rounds()

    def stop(self, timeout=60):
        self._where.run(f"touch {self._base}.stop")
        return self.finish(timeout)

    def _story(self, status):
        why = {"1": "no data", "2": "write", "3": "read", "4": "other data read back"}
        log = self._where.run(f"tail -n 3 {self._base}.log", check=False).out
        return (f"load on {self._vdev}: {why.get(status, status)} in round "
                f"{self.rounds()}: {log}")


class Bench:
    """A private bench with the images in it, and driver domains of both kinds."""

    app = "blkback"
    options = ()        # lines of the configuration, beside the defconfig
    domain_class = DriverDomain

    def __init__(self, **options):
        self._out = tempfile.TemporaryDirectory(prefix=f"unicore-{self.app}-")
        self.out = self._out.name
        self.rig = Rig(private=True, **options)
        self.domains = {}

    def _make(self, *goals):
        subprocess.run(["make", "-s", "-C", f"{TREE}/apps/{self.app}", f"O={self.out}",
                        f"C={self.out}/{self.app}.config", *goals], check=True, stdout=sys.stderr)

    def _configure(self):
        """As the application has it, but for what is asked here."""
        named = tuple(line.partition("=")[0] + "=" for line in self.options)
        with open(f"{TREE}/apps/{self.app}/defconfig", encoding="utf-8") as f:
            lines = [line for line in f.read().splitlines() if not line.startswith(named)]
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as f:
            f.write("\n".join([*lines, *self.options, ""]))
            f.flush()
            self._make("defconfig", f"DEFCONFIG={f.name}")

    def __enter__(self):
        if self.options:
            self._configure()
        self._make()
        self.rig.__enter__()
        self.rig.put(os.path.join(HERE, "cycles.py"), CYCLES_TOOL)
        for kind in KINDS:
            self.rig.put(f"{self.out}/{self.image(kind)}")
        return self

    def __exit__(self, *args):
        self.rig.__exit__(*args)
        self._out.cleanup()

    def image(self, kind):
        return f"{self.app}_{PLATFORMS[kind]}-x86_64"

    def image_bytes(self, kind):
        return os.path.getsize(f"{self.out}/{self.image(kind)}")

    def domain(self, kind):
        """The driver domain of that kind; a new one if it is not well."""
        if kind not in self.domains or not self.domains[kind].is_well():
            if kind in self.domains:
                self.domains[kind].destroy()
            self.domains[kind] = self.domain_class(self, kind).create()
        return self.domains[kind]

    def names(self):
        """Of all domains. A zombie's name is (null)."""
        rows = self.rig.run("xl list").out.splitlines()[1:]
        return sorted(row.split()[0] for row in rows)

    def check_no_zombie(self, gone, timeout=15):
        """A domain whose pages somebody has still mapped does not go away."""
        limit = time.monotonic() + timeout
        while True:
            rows = self.rig.run("xl list").out
            if "(null)" not in rows and not re.search(rf"^{gone} ", rows, re.M):
                return
            check(time.monotonic() < limit, f"a zombie: {rows}")
            time.sleep(0.5)

    def tidy(self):
        """After a test, however it ended: no load, no disk of dom0, no guest."""
        self.rig.run("for v in b c d e f g; do touch /tmp/load.xvd$v.stop; done; "
                     "umount /mnt", check=False)
        rows = self.rig.run("xl block-list 0", check=False).out.splitlines()[1:]
        for row in rows:
            self.rig.run(f"xl block-detach 0 {row.split()[0]}", check=False)
        known = {"Domain-0", *(d.name for d in self.domains.values())}
        for name in self.names():
            if name not in known:
                self.rig.run(f"xl destroy {name}", check=False)


def run_test(bench, name, function, *args):
    begin = time.monotonic()
    before = {kind: len(d.console()) for kind, d in bench.domains.items()}
    try:
        function(*args)
        verdict = f"ok {name}"
    except Skip as e:
        verdict = f"skip {name}: {e}"
    except RigDead:
        raise
    except Exception as e:                      # one failure ends one test
        why = " / ".join(line.strip() for line in (str(e) or repr(e)).split("\n"))
        verdict = f"not ok {name}: {why[:1500]}"
        for kind, d in bench.domains.items():
            for line in d.console()[before.get(kind, 0):].splitlines():
                print(f"  {d.name}: {line}")
    bench.tidy()
    print(f"{verdict}\n  ({time.monotonic() - begin:.1f} s)", flush=True)


def main(tests, bench_class=Bench, **options):
    """Run test_<name>(bench, driver domain) for both kinds. Arguments choose
    tests by name, "life" or "pv_life"."""
    with bench_class(**options) as bench:
        for kind in KINDS:
            for function in tests:
                short = function.__name__[len("test_"):]
                name = f"{kind}_{short}"
                if not sys.argv[1:] or {short, name} & set(sys.argv[1:]):
                    run_test(bench, name,
                             lambda: function(bench, bench.domain(kind)))
    return 0
