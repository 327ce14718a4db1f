# SPDX-License-Identifier: BSD-3-Clause
"""
A small stock Linux as a guest: dom0's kernel, busybox, mkfs.ext4, Xen's
front ends. Commands go in and come out over its console.

    with LinuxGuest(r, "client", type="pvh", disk=["..."]) as g:
        g.run("mkfs.ext4 -q /dev/xvda")
"""

import base64
import secrets
import shlex

from rig_channel import Result
from rig_host import RigError

BOOT_TIMEOUT_S = 90


class LinuxGuest:
    def __init__(self, rig, name, type="pv", memory=128, disk=(), vif=(),
                 fio=False, extra="", lines=()):
        """disk, vif: as in xl.cfg. fio=True puts fio in and needs memory=320.
        lines: further lines of the xl configuration."""
        self.rig = rig
        self.name = name
        initramfs = "initramfs-fio.gz" if fio else "initramfs.gz"
        self._config = "\n".join([
            f'name = "{name}"', f'type = "{type}"', f"memory = {memory}",
            'kernel = "/guest/vmlinux"', f'ramdisk = "/guest/{initramfs}"',
            # As tmpfs its root could take only half of the memory.
            f'extra = "console=hvc0 quiet rootfstype=ramfs {extra}"', 'on_reboot = "destroy"',
            f"disk = {list(disk)}", f"vif = {list(vif)}", *lines, ""])
        self._tty = None

    def __enter__(self):
        return self.create()

    def __exit__(self, *unused):
        self.destroy()

    def create(self, timeout=BOOT_TIMEOUT_S):
        """xl create, then wait until it takes commands."""
        config = self.rig.put_text(self._config, f"/root/{self.name}.xl")
        start = len(self.rig.console(self.name))
        self.rig.run(f"xl create {config}", timeout=timeout)
        mark = self.rig.wait_console(self.name, "^guest ready|Kernel panic.*",
                                     timeout, start)
        if mark.group() != "guest ready":
            raise RigError(f"guest {self.name}: {mark.group()}")
        return self.follow()

    def follow(self):
        """It runs already: commands go to this one."""
        domid = self.rig.run(f"xl domid {self.name}").out.strip()
        self._tty = self.rig.run(
            f"xenstore-read /local/domain/{domid}/console/tty").out.strip()
        return self

    def destroy(self):
        self.rig.run(f"xl destroy {self.name}", check=False)

    def run(self, command, timeout=60, check=True):
        """Run one shell command; a Result whose stderr is in stdout."""
        mark = "end-" + secrets.token_hex(4)
        start = len(self.rig.console(self.name))
        # One line for its shell; the mark in two halves, so that an echo of
        # the line is not taken for it.
        coded = base64.b64encode(command.encode()).decode()
        line = (f'eval "$(echo {coded} | base64 -d)"; '
                f'echo "{mark[:6]}""{mark[6:]} $?"\n')
        if len(line) > 3000:
            raise RigError("guest command too long for its console")
        self.rig.run(f"printf %s {shlex.quote(line)} > {self._tty}")
        end = self.rig.wait_console(self.name, rf"{mark} (\d+)\n", timeout, start)
        out = self.rig.console(self.name)[start:end.start()]
        result = Result(command, int(end.group(1)), out.encode(), b"")
        if check and result.status != 0:
            raise RigError(f"status {result.status} in guest {self.name}: "
                           f"{command}\n{out[-2000:]}")
        return result
