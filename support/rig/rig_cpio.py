# SPDX-License-Identifier: BSD-3-Clause
"""A newc cpio archive, the format of an initramfs."""

import stat


class CpioWriter:
    """Writes entries to the binary file `out`; a parent comes first."""

    def __init__(self, out):
        self._out = out
        self._ino = 0
        self._dirs = {""}

    def _entry(self, name, mode, data=b"", rdev=(0, 0)):
        self._ino += 1
        raw = name.encode() + b"\0"
        fields = (self._ino, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev,
                  len(raw), 0)
        head = b"070701" + b"".join(b"%08x" % field for field in fields)
        self._out.write(self._pad(head + raw) + self._pad(data))

    @staticmethod
    def _pad(data):
        return data + b"\0" * (-len(data) % 4)

    def mkdir(self, path):
        path = path.strip("/")
        if path in self._dirs:
            return
        self.mkdir(path.rpartition("/")[0])
        self._dirs.add(path)
        self._entry(path, stat.S_IFDIR | 0o755)

    def file(self, path, data, mode=0o644):
        path = path.strip("/")
        self.mkdir(path.rpartition("/")[0])
        self._entry(path, stat.S_IFREG | mode, data)

    def chardev(self, path, major, minor):
        path = path.strip("/")
        self.mkdir(path.rpartition("/")[0])
        self._entry(path, stat.S_IFCHR | 0o600, rdev=(major, minor))

    def close(self):
        self._ino = -1
        self._entry("TRAILER!!!", 0)
