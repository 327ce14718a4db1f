# SPDX-License-Identifier: BSD-3-Clause
"""Run an image from its .xl file in the bench until its domain ends."""

import os
import re
import sys
import threading

from rig import NOISE
from rig_host import RigError, say
from rig_channel import RigTimeout

FILE_KEYS = "kernel|ramdisk|firmware_override|bios_path_override"
REASONS = {0: ("powered off", 0), 1: ("asked for a reboot", 5),
           2: ("suspended", 6), 3: ("crashed", 3), 4: ("watchdog fired", 4)}
STATUS_CREATE_FAILED = 1
STATUS_TIMEOUT = 124


def upload_config(rig, path, place="/root"):
    """Copy a .xl and the files it names into dom0: (its place, its name)."""
    with open(path) as f:
        text = f.read()
    name = re.search(r"^\s*name\s*=\s*[\"']([^\"']+)", text, re.M)
    if not name:
        raise RigError(f"{path}: no name= in it")
    name = name.group(1)
    here = os.path.dirname(os.path.abspath(path))

    def move(match):
        source = os.path.join(here, match.group(3))
        if not os.path.exists(source):
            if match.group(3).startswith("/"):
                return match.group(0)       # a file of dom0's
            raise RigError(f"{path}: {match.group(1)}: no file {source}")
        target = rig.put(source, f"{place}/{name}/{os.path.basename(source)}")
        return f'{match.group(1)}{match.group(2)}"{target}"'

    text = re.sub(rf"^(\s*(?:{FILE_KEYS}))(\s*=\s*)[\"']([^\"']+)[\"']", move,
                  text, flags=re.M)
    return rig.put_text(text, f"{place}/{name}/{name}.xl"), name


class _Follower(threading.Thread):
    """Copies what is added to a file to standard output."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self._path = path
        self._at = os.path.getsize(path) if os.path.exists(path) else 0
        self._over = threading.Event()

    def _copy(self):
        try:
            with open(self._path, "rb") as f:
                f.seek(self._at)
                data = f.read()
        except FileNotFoundError:
            return False
        self._at += len(data)
        sys.stdout.buffer.write(data.replace(b"\r\n", b"\n"))
        sys.stdout.buffer.flush()
        return bool(data)

    def run(self):
        while not self._over.wait(0.1):
            self._copy()

    def finish(self):
        """The console daemon may be a moment behind the domain."""
        self._over.wait(0.3)
        self._over.set()
        self.join()
        self._copy()


def xl_run(rig, path, timeout=60, overrides=()):
    """Print the console of the domain until it ends; returns a status.

    0: powered off, 1: not created, 3: crashed, 4: watchdog, 5: reboot asked,
    124: time limit.
    """
    config, name = upload_config(rig, path)
    hypervisor_from = len(rig.log("xen"))
    follower = _Follower(rig.log_path(name))
    follower.start()
    keep = [f'on_{event}="preserve"'
            for event in ("poweroff", "reboot", "crash", "watchdog")]
    words = " ".join(f"'{word}'" for word in [*overrides, *keep])
    try:
        result = rig.run(f"xl create -F {config} {words}", timeout=timeout,
                         check=False)
        text, ended = result.out + result.err, True
    except RigTimeout as e:
        text, ended = (e.stdout + e.stderr).decode(errors="replace"), False
    finally:
        follower.finish()
        if rig.is_running():
            rig.run(f"xl destroy {name}", check=False)
    return _verdict(rig, name, text, ended, timeout, hypervisor_from)


def _verdict(rig, name, text, ended, timeout, hypervisor_from):
    reason = re.search(r"has shut down, reason code (\d+)", text)
    if reason:
        words, status = REASONS.get(int(reason.group(1)), ("ended", 7))
    elif ended:
        words, status = "was not created:\n" + text.strip(), STATUS_CREATE_FAILED
    else:
        words, status = f"still ran after {timeout} s", STATUS_TIMEOUT
    say(f"domain {name} {words}")
    if status not in (0, 5):
        said = [line for line in rig.log("xen")[hypervisor_from:].splitlines()
                if re.match(r"\((XEN|d\d+)\)", line) and not NOISE.match(line)]
        if said:
            say("the hypervisor said meanwhile:")
            print("".join(line + "\n" for line in said[-40:]),
                  file=sys.stderr, end="")
    return status
