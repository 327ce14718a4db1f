# SPDX-License-Identifier: BSD-3-Clause
"""For the tests of this folder: build an application for linuxu on some
architecture and run it, under an emulator where it is not this machine's."""
import os
import platform
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
BASE = os.path.realpath(os.path.join(HERE, "..", "..", ".."))
sys.path.insert(0, os.path.join(HERE, "..", "unit"))
sys.dont_write_bytecode = True

from unitlib import Results, report_tap     # noqa: E402 (the path comes first)

FIXTURE = os.path.join(HERE, "fixture")
APPS = os.path.join(BASE, "apps")
EMULATOR = {"arm64": "qemu-aarch64", "arm": "qemu-arm"}
COMPILER = {"arm64": "aarch64-linux-gnu-gcc", "arm": "arm-linux-gnueabihf-gcc"}
SIGABRT = 6


class BuildError(Exception):
    pass


def missing_tool(arch):
    """What this machine lacks to build and run for arch, or None."""
    if arch == "x86_64" and platform.machine() == "x86_64":
        return None
    for tool in (COMPILER.get(arch, ""), EMULATOR.get(arch, "")):
        if not shutil.which(tool):
            return f"{tool or 'a compiler'} is not installed"
    return None


class Image:
    def __init__(self, app, options=(), arch="x86_64", make_args=()):
        self._dir = tempfile.TemporaryDirectory(prefix="uk-linuxu-")
        self.folder = folder = self._dir.name
        self.arch = arch
        name = os.path.basename(app)
        options = ["PLAT_LINUXU=y", f"ARCH_{arch.upper()}=y", *options]
        with open(f"{folder}/defconfig", "w", encoding="utf-8") as f:
            f.write("".join(f"CONFIG_{o}\n" for o in options))
        make = ["make", "-C", BASE, f"A={app}", f"O={folder}/build", f"C={folder}/config"]
        for goal in (["defconfig", f"DEFCONFIG={folder}/defconfig"], ["images", *make_args]):
            done = subprocess.run(make + goal, capture_output=True, text=True, check=False)
            if done.returncode:
                raise BuildError(done.stderr[-2000:])
        self.path = f"{folder}/build/{name}_linuxu-{arch}"

    def argv(self, *args):
        emulator = EMULATOR.get(self.arch)
        return ([emulator] if emulator else []) + [self.path, *args]

    def run(self, *args, timeout=60, **kw):
        """Exit status as a shell counts it (128 + signal; None: timeout), output."""
        kw.setdefault("stdin", None if "input" in kw else subprocess.DEVNULL)
        if "input" in kw:
            del kw["stdin"]
        try:
            done = subprocess.run(self.argv(*args), stdout=subprocess.PIPE, text=True,
                                  stderr=subprocess.STDOUT, timeout=timeout, check=False,
                                  errors="replace", **kw)
        except subprocess.TimeoutExpired as e:
            return None, (e.stdout or b"").decode(errors="replace")
        status = done.returncode
        return (128 - status if status < 0 else status), done.stdout


def build_or_fail(results, name, *args, **kw):
    """The image, or None after a `not ok`."""
    try:
        return Image(*args, **kw)
    except BuildError as e:
        results.not_ok(f"{name}.build", str(e))
        return None
