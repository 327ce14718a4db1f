# SPDX-License-Identifier: BSD-3-Clause
"""QEMU with the image of app/ and a disk of one kind."""
import os
import signal
import socket
import time

from disklib import play, report_tap, results

DRIVERS = {"nvme": "nvme0", "virtio-blk": "virtio-blk0", "ahci": "sata0"}


class Machine:
    """QEMU with the image and one disk."""

    def __init__(self, image, folder, driver, machine="q35"):
        self.image, self.driver, self.machine = image, driver, machine
        self.path, self.monitor = f"{folder}/{driver}.disk", f"{folder}/{driver}.monitor"
        self.target, self.is_killed = DRIVERS[driver], False
        self.name = f"{driver}.{machine}"

    def device(self, options):
        if self.driver == "nvme":
            return ["-device", "nvme,id=n,serial=1", "-device", f"nvme-ns,id=d,bus=n,drive=d{options}"]
        if self.driver == "ahci":
            return ["-device", "ahci,id=a", "-device",
                    f"ide-hd,id=d,bus=a.0,drive=d,rerror=report,werror=report{options}"]
        if self.machine == "microvm":
            return ["-global", "virtio-mmio.force-legacy=false", "-device", f"virtio-blk-device,id=d,drive=d{options}"]
        return ["-device", f"virtio-blk-pci,id=d,drive=d{options}"]

    def run(self, suite, *words, target=None, drive="", options="", more=(), actions=(), name=""):
        command = ["qemu-system-x86_64", "-accel", "tcg", "-M", self.machine, "-m", "16", "-display", "none",
                   "-serial", "stdio", "-nodefaults", "-no-reboot", "-monitor",
                   f"unix:{self.monitor},server=on,wait=off", "-pidfile", f"{self.monitor}.pid",
                   "-kernel", self.image, "-append", " ".join([f"disk.target={target or self.target}", *words, "--", suite]), "-drive",
                   f"id=d,if=none,{drive or f'format=raw,file={self.path}'}", *self.device(options), *more]
        status, out = play(command, actions)
        if not self.is_killed:
            report_tap(results, out, status, f"{self.name}{name}.")
        return out

    def ask(self, line):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(self.monitor)
            s.sendall(line.encode() + b"\n")
            time.sleep(0.2)

    def throttle(self, bps):
        self.ask(f"block_set_io_throttle d {bps} 0 0 0 0 0")

    def kill(self):
        """As a power cut ends it."""
        self.is_killed = True
        with open(f"{self.monitor}.pid", encoding="ascii") as f:
            os.kill(int(f.read()), signal.SIGKILL)
