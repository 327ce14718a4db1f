# SPDX-License-Identifier: BSD-3-Clause
"""
For the tests with a malicious guest, of netback and blkback: the guest, built from
the folder "attacker" beside the test, and what it must not have left in the driver
domain.
"""

import os
import re
import subprocess
import sys
import tempfile

from blkbench import TREE, check


def put_attacker(rig, folder):
    """Build the image of the folder "attacker" in there, and put it into dom0."""
    with tempfile.TemporaryDirectory(prefix="unicore-attacker-") as out:
        make = ["make", "-s", "-C", TREE, f"A={folder}/attacker", f"O={out}/build",
                f"C={out}/config"]
        for goal in ("defconfig", "xenpv"):
            subprocess.run([*make, goal], check=True, stdout=sys.stderr)
        rig.put(f"{out}/build/attacker_xenpv-x86_64", "/root/attacker")


class Attacker:
    """A guest that runs one attack for ever, or all of them once."""

    def __init__(self, bench, device, attack=None):
        self._bench, self._rig = bench, bench.rig
        self.name = "attacker"
        self._start = len(self._rig.console(self.name))
        extra = f'extra = "attack={attack}"\n' if attack else ""
        self._rig.put_text(f'name = "{self.name}"\ntype = "pv"\nkernel = "/root/attacker"\n'
                           f'memory = 8\n{device}\n{extra}on_crash = "preserve"\n',
                           "/root/attacker.xl")

    def __enter__(self):
        self._rig.run("xl create /root/attacker.xl", timeout=60)
        return self

    def said(self):
        return self._rig.console(self.name)[self._start:]

    def wait(self, regex, timeout):
        self._rig.wait_console(self.name, regex, timeout, self._start)

    def __exit__(self, *unused):
        """Whose page somebody has still mapped does not go away."""
        self._rig.run(f"xl destroy {self.name}", check=False)
        self._bench.check_no_zombie(self.name)

    def check_all(self, expected):
        """Each attack ended as it should."""
        verdicts = dict(re.findall(r"^attack: (\w+): (?!begins)(.*?)\r?$", self.said(), re.M))
        bad = {name: why for name, why in verdicts.items() if why != "ok"}
        check(not bad, f"{bad}")
        check(len(verdicts) == expected,
              f"{len(verdicts)} of {expected} attacks: {sorted(verdicts)}")


def names_of(folder):
    """Of the attacks there are, as the attacker's source lists them."""
    with open(os.path.join(folder, "attacker", "main.c"), encoding="utf-8") as f:
        return re.findall(r"^\t\{ \"(\w+)\", \w+, ", f.read(), re.M)


def traces(dd):
    """Nodes of the driver domain, and its open event channels: pages of a disk that is
    in use meanwhile are mapped as it goes on."""
    found = dd.traces()
    return {what: found[what] for what in ("nodes", "event channels")}
