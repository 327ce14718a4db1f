# SPDX-License-Identifier: BSD-3-Clause
"""The image of these tests, app/, and what it leaves on a disk."""
import os
import re
import struct
import subprocess
import sys
import threading
import zlib

HERE = os.path.dirname(os.path.realpath(__file__))
TREE = os.path.realpath(os.path.join(HERE, "..", "..", ".."))
sys.path.insert(0, f"{TREE}/support/test/unit")

from unitlib import BuildError, Results, report_tap             # noqa: E402,F401

MIB = 1 << 20
GUID = bytes(range(16))
results = Results()


def build(folder, platform, *options, app=f"{HERE}/app"):
    with open(f"{app}/defconfig", encoding="utf-8") as f:
        lines = f.read() + "".join(f"CONFIG_{o}\n" for o in (f"PLAT_{platform.upper()}=y", *options))
    with open(f"{folder}/defconfig", "w", encoding="utf-8") as f:
        f.write(lines)
    make = ["make", "-s", "-C", TREE, f"A={app}", f"O={folder}/build", f"C={folder}/config"]
    for goal in (["defconfig", f"DEFCONFIG={folder}/defconfig"], [platform]):
        done = subprocess.run(make + goal, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildError((done.stderr or done.stdout)[-2000:])
    name = re.search(r'^CONFIG_UK_NAME="(.*)"', lines, re.M)[1]
    return f"{folder}/build/{name}_{platform}-x86_64"


def play(command, actions=(), timeout=60):
    """Run to the end. actions: (text, function): called when a line has the text.
    Returns the status (None: no end) and the output."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    timer = threading.Timer(timeout, process.kill)
    timer.start()
    out = []
    for line in process.stdout:
        out.append(line.decode(errors="replace").replace("\r\n", "\n"))
        for text, action in actions:
            if text in out[-1]:
                action()
    process.wait()
    is_late = not timer.is_alive()
    timer.cancel()
    return None if is_late else process.returncode, "".join(out)


def disk_bytes(n, turn):
    """What disk_byte() of disktest.h makes."""
    return bytes((at * 7 + at // 509 + at // 65521 + turn * 31) & 0xFF for at in range(n))


def new_disk(path, mib=32, fill=0):
    with open(path, "wb") as f:
        if fill:
            f.write(bytes([fill]) * (mib * MIB))
        f.truncate(mib * MIB)
    return path


def is_marked(path, at=0):
    with open(path, "rb") as f:
        f.seek(at)
        return f.read(MIB) == disk_bytes(MIB, 200)


def write_gpt(path, sector, parts):
    """parts: (first, last, name)"""
    entries = b"".join(struct.pack("<16s16sQQQ72s", GUID, bytes([i] * 16), first, last, 0, name.encode("utf-16-le"))
                       for i, (first, last, name) in enumerate(parts)).ljust(128 * 128, b"\0")
    size = os.path.getsize(path) // sector

    def header(crc):
        return struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, crc, 0, 1, size - 1, 40, size - 40,
                           GUID, 2, 128, 128, zlib.crc32(entries))

    mbr = bytes(446) + struct.pack("<B3sB3sII", 0, b"\0\2\0", 0xEE, b"\xff" * 3, 1, size - 1) + bytes(48) + b"\x55\xaa"
    with open(path, "r+b") as f:
        f.write(mbr.ljust(sector, b"\0") + header(zlib.crc32(header(0))).ljust(sector, b"\0") + entries)
