# SPDX-License-Identifier: BSD-3-Clause
"""
What an image for a Xen platform must do in the bench, whichever the platform:
run_suite("xenpv", check_crashes) builds images, runs them as domains and says
what came out. Results as for support/test/run.
"""
import os
import re
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "unit"), os.path.join(HERE, "..", "..", "rig")]

from unitlib import Image, Results, TAP_LINE, TAP_PLAN      # noqa: E402
from rig import Rig, RigTimeout                             # noqa: E402
from rig_xl import upload_config                            # noqa: E402

POWEROFF, REBOOT, SUSPEND, CRASH = range(4)
REASON = re.compile(r"has shut down, reason code (\d+)")
KEEP = [f'on_{event}="preserve"' for event in ("poweroff", "reboot", "crash", "watchdog")]

# hello.crash=<kind>: what the crash screen has to say
CRASHES = {
    "null": r"page fault: write to 0x0 \(not present\)",
    "text": r"page fault: write to 0x[0-9a-f]+ \(protection\)",
    "exec": r"page fault: execution of 0x[0-9a-f]+ \(protection\)",
    "bounds": r"invalid opcode",
    "bug": r"bug: crash\.c:",
    "stack": r"stack overflow in thread main ",
    "thread": r"stack overflow in thread deep ",
}

HELLO = ["PLAT_{plat}=y"]
CRASHING = HELLO + ["APPHELLOWORLD_CRASH=y"]
TESTS = HELLO + ["LIBTEST=y", "LIBTEST_ALL=n", "XEN_TEST=y"]
TWO_LEVEL = TESTS + ["XEN_EVTCHN_FIFO=n"]


class Domains:
    """The images of one platform, run one at a time."""

    def __init__(self, rig, platform):
        self.rig = rig
        self.platform = platform

    def image(self, app, options):
        options = [o.format(plat=self.platform.upper()) for o in options]
        return Image(app, options, platform=self.platform)

    def run(self, image, *settings, timeout=60):
        """Run to the end: (reason or None, console, what xl said). @settings
        are lines of a configuration that overrule the .xl file."""
        config, name = upload_config(self.rig, image.path + ".xl")
        start = len(self.rig.console(name))
        words = " ".join(f"'{s}'" for s in [*settings, *KEEP])
        try:
            said = self.rig.run(f"xl create -F {config} {words}", timeout=timeout, check=False)
            text = said.out + said.err
        except RigTimeout:
            text = f"still ran after {timeout} s"
        time.sleep(0.3)         # the console daemon may be a moment behind
        console = self.rig.console(name)[start:]
        self.rig.run(f"xl destroy {name}", check=False)
        reason = REASON.search(text)
        return (int(reason.group(1)) if reason else None), console, text


def tail(console, text):
    return "\n".join((console + "\n" + text).strip().splitlines()[-6:])


def check_hello(doms, results, image, name, *settings):
    reason, console, text = doms.run(image, *settings)
    good = reason == POWEROFF and f"Hello from helloworld on {doms.platform}\n" in console
    results.check(name, good, f"reason {reason}: {tail(console, text)}")


def check_hello_runs(doms, results, memory_sizes):
    image = doms.image("helloworld", HELLO)
    check_hello(doms, results, image, f"{doms.platform}_boots_and_powers_off")
    for mib in memory_sizes:
        check_hello(doms, results, image, f"{doms.platform}_boots_with_memory_{mib}",
                    f"memory={mib}")


def check_crashes(doms, results):
    image = doms.image("helloworld", CRASHING)
    for kind, pattern in CRASHES.items():
        reason, console, text = doms.run(image, f'extra="hello.crash={kind}"')
        good = reason == CRASH and re.search(pattern, console)
        results.check(f"{doms.platform}_crash_{kind}_is_reported", good,
                      f"reason {reason}: {tail(console, text)}")


def check_tap(doms, results, what, console, reason):
    """One result for each line of TAP."""
    plan = TAP_PLAN.search(console.replace("TAP version 13\n", ""))
    lines = [m for m in map(TAP_LINE.match, console.splitlines()) if m]
    for m in lines:
        name = f"{doms.platform}_{what}_{m.group(2)}"
        if m.group(3):
            results.skip(name, m.group(3))
        else:
            results.check(name, not m.group(1), tail(console, ""))
    results.check(f"{doms.platform}_{what}_all_ran",
                  plan and len(lines) == int(plan.group(1)) and reason == POWEROFF,
                  f"{len(lines)} results, reason {reason}: {tail(console, '')}")


def check_services(doms, results):
    """Event channels, grants, memory, clock, module: tests inside the image."""
    with tempfile.NamedTemporaryFile() as module:
        # 3 MiB and a bit, so that it lies across page tables
        module.write(bytes((i * 7 + i // 251) & 0xff for i in range((3 << 20) + 1234)))
        module.flush()
        ramdisk = doms.rig.put(module.name, "/root/test-module")
    for what, options in (("fifo", TESTS), ("2level", TWO_LEVEL)):
        reason, console, _ = doms.run(doms.image("unittest", options), "memory=16",
                                      f'ramdisk="{ramdisk}"')
        check_tap(doms, results, what, console, reason)


def run_suite(platform, *checks):
    """Run @checks, functions of the platform's Domains and the Results."""
    results = Results()
    with Rig() as rig:
        doms = Domains(rig, platform)
        for check in checks:
            check(doms, results)
    results.exit()
