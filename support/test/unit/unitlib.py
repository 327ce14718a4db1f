# SPDX-License-Identifier: BSD-3-Clause
"""
For the tests of this folder: build an application with some options, run it on
linuxu (or another platform of support/run), turn TAP into the lines that support/test/check reads ("ok NAME", "not
ok NAME: why", "skip NAME: why").
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

BASE = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
TAP_LINE = re.compile(r"^(not )?ok \d+ - (\S+)(?: # SKIP (.*))?")
TAP_PLAN = re.compile(r"^1\.\.(\d+)")


class Results:
    """Prints one line per test; remembers whether one failed."""

    def __init__(self):
        self.failed = 0

    def ok(self, name):
        print(f"ok {name}", flush=True)

    def skip(self, name, why):
        print(f"skip {name}: {why}", flush=True)

    def not_ok(self, name, why):
        self.failed += 1
        print(f"not ok {name}: {' / '.join(why.strip().splitlines()) or 'no reason'}", flush=True)

    def check(self, name, condition, why):
        if condition:
            self.ok(name)
        else:
            self.not_ok(name, why)

    @staticmethod
    def exit():
        """Failures have been said; another status would say that the test broke."""
        sys.exit(0)


class BuildError(Exception):
    pass


class Image:
    """An application built in a folder of its own."""

    def __init__(self, app, options=(), defconfig=None, platform="linuxu",
                 arch="x86_64", name=None):
        self._dir = tempfile.TemporaryDirectory(prefix="uk-unit-")
        folder = self._dir.name
        lines = ""
        if defconfig:
            with open(os.path.join(BASE, defconfig), encoding="utf-8") as f:
                lines = f.read()
        with open(f"{folder}/defconfig", "w", encoding="utf-8") as f:
            f.write(lines + "".join(f"CONFIG_{o}\n" for o in options))
        self.build = f"{folder}/build"
        self.config = f"{folder}/config"
        self._make = ["make", "-C", BASE, f"A=apps/{app}", f"O={self.build}", f"C={self.config}"]
        self._platform = platform
        self.make("defconfig", f"DEFCONFIG={folder}/defconfig")
        self.make()
        self.path = f"{self.build}/{name or app}_{platform}-{arch}"
        self._command = [self.path]
        if (platform, arch) != ("linuxu", "x86_64"):
            self._command = [f"{BASE}/support/run/run", platform, self.path]

    def make(self, *goals):
        """The image, anew where something has changed; or other goals."""
        done = subprocess.run(self._make + list(goals or [self._platform]), capture_output=True,
                              text=True, check=False)
        if done.returncode:
            raise BuildError((done.stderr or done.stdout)[-2000:])

    def run(self, *args, timeout=300):
        """Exit status (negative: signal; None: timeout) and output."""
        try:
            done = subprocess.run([*self._command, *args], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                  timeout=timeout, check=False)
        except subprocess.TimeoutExpired as e:
            return None, (e.stdout or b"").decode(errors="replace")
        return done.returncode, done.stdout.decode(errors="replace")


def has_tools(name, tools):
    """Whether the programs that `name` needs are there; if not, says so. tools:
    (program, Debian's package); all of them emulators or for one."""
    if os.environ.get("QUICK"):
        Results().skip(name, "needs an emulator")
        return False
    for program, package in tools:
        if not shutil.which(program):
            Results().skip(name, f"{program} is not installed ({package})")
            return False
    return True


QEMU = [("qemu-system-x86_64", "qemu-system-x86")]


def report_tap(results, output, status, prefix=""):
    """One line for each TAP line; what is missing of the plan is a failure."""
    plan, seen, comments = None, 0, []
    for line in output.splitlines():
        if (m := TAP_PLAN.match(line)) and plan is None:
            plan = int(m[1])
        elif m := TAP_LINE.match(line):
            seen += 1
            name = prefix + m[2]
            if m[1]:
                results.not_ok(name, "\n".join(comments[-20:]))
            elif m[3]:
                results.skip(name, m[3])
            else:
                results.ok(name)
            comments = []
        else:
            comments.append(line)
    # A sanitizer's report begins with what matters and ends with a legend
    fatal = next((i for i, line in enumerate(comments) if "ERROR: " in line or
                  line.startswith("crash: ")), max(len(comments) - 30, 0))
    tail = "\n".join(comments[fatal:fatal + 30])
    if plan is None or seen < plan:
        end = "timed out" if status is None else f"ended with status {status}"
        results.not_ok(prefix + "run", f"{end} after {seen} of {plan or '?'} tests\n{tail}")
    elif status and not results.failed:
        results.not_ok(prefix + "run", f"status {status}\n{tail}")


def run_unit_tests(options, prefix="", inspect=None, suite=None, **target):
    """inspect(results, image, output): further checks; target: see Image."""
    results = Results()
    try:
        image = Image("unittest", options, "apps/unittest/defconfig", **target)
    except BuildError as e:
        results.not_ok(prefix + "build", str(e))
        results.exit()
    status, output = image.run(*(["--", suite] if suite else []))
    report_tap(results, output, status, prefix)
    if inspect:
        inspect(results, image, output)
    results.exit()
