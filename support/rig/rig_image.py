# SPDX-License-Identifier: BSD-3-Clause
"""
Builds and caches what the bench boots: the hypervisor, dom0's kernel, dom0's
root (a squashfs made from Debian packages) and a small initramfs.

The root depends on the package list and takes a minute or two; the initramfs
carries the bench's own scripts and command server and takes a second. Each is
kept under a key made from all that went into it.
"""

import fcntl
import hashlib
import io
import lzma
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import time
import zlib

from rig_cpio import CpioWriter
import rig_host
from rig_host import RigError, say

HERE = os.path.dirname(os.path.realpath(__file__))

# Change it when this file's way of building changes what comes out.
LAYOUT = b"1"

XEN_PACKAGE = "xen-hypervisor-4.17-amd64"
PACKAGES = """
    xen-utils-4.17 xen-utils-common xenstore-utils
    qemu-system-xen seabios ipxe-qemu
    kmod iproute2 bridge-utils busybox-static e2fsprogs util-linux
    fio kexec-tools pciutils ethtool iperf3
""".split()

# Parts of the kernel package that no bench uses: two thirds of its size.
NO_MODULES = re.compile(
    r"usr/lib/modules/[^/]*/kernel/(sound|"
    r"drivers/(gpu|media|infiniband|staging|isdn|iio|hwmon|mfd|usb|bluetooth|"
    r"input|leds|mtd|thunderbolt|comedi|target|platform|firewire|"
    r"net/(wireless|can|wan|hamradio|ethernet/(?!intel|amazon)))|"
    r"net/(bluetooth|mac80211|wireless|nfc|can|batman-adv|tipc|sctp)|"
    r"fs/(?!9p|ext4|jbd2|overlayfs|squashfs|fuse|nls|fat|xfs|mbcache))/")
NO_FILES = re.compile(r"usr/share/(doc|man|info|locale|bash-completion)/.|"
                      r"var/(cache|lib/apt|lib/dpkg/info)/.|boot/.")

# What the initramfs loads before it can see the root.
EARLY_MODULES = ["virtio_pci", "virtio_blk", "squashfs", "overlay"]

OVERLAY = {                     # bench's file: its place in dom0
    "dom0/rig-init": "/usr/sbin/rig-init",
    "dom0/xs-wait": "/usr/local/bin/xs-wait",
}


def cache_dir():
    base = os.environ.get("UK_RIG_CACHE")
    if not base:
        cache = os.environ.get("XDG_CACHE_HOME",
                               os.path.expanduser("~/.cache"))
        base = os.path.join(cache, "unicore", "rig")
    os.makedirs(base, exist_ok=True)
    return os.path.realpath(base)


def _read(*path):
    with open(os.path.join(*path), "rb") as f:
        return f.read()


def _key(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:16]


def _root_key():
    return _key(" ".join(PACKAGES).encode(), XEN_PACKAGE.encode(),
                NO_MODULES.pattern.encode(), NO_FILES.pattern.encode(),
                " ".join(EARLY_MODULES).encode(),
                _read(HERE, "dom0/customize"), _read(HERE, "guest/init"),
                _read(HERE, "rig_image.py"))


def _initramfs_key():
    files = ["dom0/initramfs-init", "dom0/agent.c"] + sorted(OVERLAY)
    return _key(LAYOUT, *(_read(HERE, name) for name in files))


def vmlinux_from(bzimage):
    """The ELF inside a bzImage: Xen would unpack it slowly, at each start."""
    for magic, unpack in (
            (b"\xfd7zXZ\0", lambda data: lzma.LZMADecompressor().decompress(data)),
            (b"\x1f\x8b\x08", lambda data: zlib.decompressobj(31).decompress(data))):
        at = bzimage.find(magic)
        while at >= 0:
            try:
                image = unpack(bzimage[at:])
                if image.startswith(b"\x7fELF"):
                    return image
            except (lzma.LZMAError, zlib.error):
                pass
            at = bzimage.find(magic, at + 1)
    raise RigError("no kernel image found inside Debian's vmlinuz")


# --- the root -------------------------------------------------------------

def _mmdebstrap(work):
    tar = os.path.join(work, "root.tar")
    sources = os.path.join(work, "sources.list")
    with open(sources, "w") as f:
        f.write(rig_host.debian_sources())
    command = ["mmdebstrap", "--variant=minbase", "--format=tar",
               "--architectures=amd64",
               "--aptopt=Apt::Install-Recommends \"false\"",
               "--include=" + ",".join(PACKAGES)]
    command += [f"--aptopt={option}" for option in rig_host.apt_proxy_options()]
    command += [f"--dpkgopt=path-exclude=/usr/share/{folder}/*"
                for folder in ("doc", "man", "locale", "info")]
    command += [
        f"--customize-hook=upload {HERE}/guest/init /tmp/rig-guest-init",
        f"--customize-hook=upload {HERE}/dom0/customize /tmp/rig-customize",
        '--customize-hook=chroot "$1" env RIG_XEN_PACKAGE=' + XEN_PACKAGE
        + " sh /tmp/rig-customize",
        '--customize-hook=rm "$1/tmp/rig-customize"',
        rig_host.SUITE, tar, sources]
    log = os.path.join(work, "mmdebstrap.log")
    with open(log, "w") as f:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=f,
                              stderr=subprocess.STDOUT)
    if done.returncode != 0:
        with open(log, errors="replace") as f:
            tail = "".join(f.readlines()[-15:])
        raise RigError("mmdebstrap could not build dom0's root:\n" + tail)
    return tar


def _is_wanted(name):
    return not (NO_FILES.match(name) or NO_MODULES.match(name))


def _pack_root(tar, extra, out):
    """Copy what is wanted of `tar`, and the dict `extra`, into a squashfs."""
    packer = subprocess.Popen(
        ["sqfstar", "-comp", "lz4", "-quiet", "-no-progress", "-no-xattrs", out],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE)
    with tarfile.open(fileobj=packer.stdin, mode="w|") as target:
        for member in tar:
            name = member.name[2:] if member.name.startswith("./") else member.name
            if name and name != "." and not _is_wanted(name):
                continue
            member.pax_headers = {}
            body = tar.extractfile(member) if member.isreg() else None
            target.addfile(member, body)
        for name, data in extra.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            member.mode = 0o644
            target.addfile(member, io.BytesIO(data))
    packer.stdin.close()
    errors = packer.stderr.read().decode(errors="replace")
    if packer.wait() != 0:
        raise RigError("sqfstar could not pack dom0's root: " + errors)


def _early_modules(tar, names):
    """The early modules' files in loading order: list of (name, data)."""
    base = next(name for name in names if name.endswith("/modules.dep"))
    folder = os.path.dirname(base)
    needs = {}
    for line in tar.extractfile(names[base]).read().decode().splitlines():
        path, _, rest = line.partition(":")
        needs[path] = rest.split()
    short = {os.path.basename(path)[:-3].replace("-", "_"): path
             for path in needs}
    order = []

    def visit(path):
        for other in reversed(needs[path]):
            visit(other)
        if path not in order:
            order.append(path)

    for module in EARLY_MODULES:
        if module in short:             # else it is part of the kernel
            visit(short[module])
    return [(os.path.basename(path),
             tar.extractfile(names[f"{folder}/{path}"]).read())
            for path in order]


def _unpack_parts(tar_path, out):
    """Fill the folder `out` from mmdebstrap's archive."""
    with tarfile.open(tar_path) as tar:
        names = {member.name: member for member in tar.getmembers()}

        def contents(pattern):
            for name, member in names.items():
                if re.fullmatch(pattern, name):
                    return tar.extractfile(member).read()
            raise RigError(f"dom0's packages contain no {pattern}")

        xen = zlib.decompress(contents(r"\./boot/xen-[0-9.]*-amd64\.gz"), 31)
        vmlinuz = contents(r"\./boot/vmlinuz-.*")
        vmlinux = vmlinux_from(vmlinuz)
        parts = {"xen": xen, "vmlinux": vmlinux,
                 "busybox": contents(r"\./usr/bin/busybox|\./bin/busybox")}
        for name, data in parts.items():
            with open(os.path.join(out, name), "wb") as f:
                f.write(data)
        os.mkdir(os.path.join(out, "modules"))
        order = _early_modules(tar, names)
        for name, data in order:
            with open(os.path.join(out, "modules", name), "wb") as f:
                f.write(data)
        with open(os.path.join(out, "modules", "order"), "w") as f:
            f.write("".join(name + "\n" for name, _ in order))
        say("packing dom0's root file system")
        _pack_root(tar, {"guest/vmlinuz": vmlinuz, "guest/vmlinux": vmlinux},
                   os.path.join(out, "root.squashfs"))


def _build_root(out):
    rig_host.check_programs()
    start = time.monotonic()
    say("first use: building dom0 from Debian packages, 1 to 3 minutes")
    say("downloading and unpacking about 200 MB of packages")
    with tempfile.TemporaryDirectory(prefix="build-", dir=cache_dir()) as work:
        os.chmod(work, 0o755)
        tar = _mmdebstrap(work)
        parts = os.path.join(work, "parts")
        os.mkdir(parts)
        _unpack_parts(tar, parts)
        os.rename(parts, out)
    size = os.path.getsize(os.path.join(out, "root.squashfs")) >> 20
    say(f"dom0 built in {time.monotonic() - start:.0f} s, {size} MB, "
        f"kept in {cache_dir()}")


# --- the initramfs --------------------------------------------------------

def _build_agent(work):
    agent = os.path.join(work, "agent")
    subprocess.run(["gcc", "-std=gnu11", "-Os", "-static", "-s", "-Wall",
                    "-Wextra", "-Werror", "-o", agent,
                    os.path.join(HERE, "dom0/agent.c")], check=True)
    return _read(agent)


def _build_initramfs(root, out):
    rig_host.check_programs()
    with tempfile.TemporaryDirectory() as work:
        agent = _build_agent(work)
    buf = io.BytesIO()
    cpio = CpioWriter(buf)
    for folder in ("proc", "dev", "lower", "upper", "root"):
        cpio.mkdir(folder)
    cpio.chardev("dev/console", 5, 1)
    cpio.file("init", _read(HERE, "dom0/initramfs-init"), 0o755)
    cpio.file("bin/busybox", _read(root, "busybox"), 0o755)
    cpio.file("bin/sh", _read(root, "busybox"), 0o755)
    for name in sorted(os.listdir(os.path.join(root, "modules"))):
        cpio.file(f"modules/{name}", _read(root, "modules", name))
    for name, place in sorted(OVERLAY.items()):
        cpio.file("rig" + place, _read(HERE, name), 0o755)
    cpio.file("rig/usr/local/sbin/rig-agent", agent, 0o755)
    cpio.close()
    with open(out + ".new", "wb") as f:
        f.write(buf.getvalue())
    os.rename(out + ".new", out)


def prepare():
    """Build what is not in the cache. Returns a dict of paths."""
    cache = cache_dir()
    root = os.path.join(cache, "root-" + _root_key())
    initramfs = os.path.join(cache, "initramfs-" + _initramfs_key()
                             + "-" + _root_key()[:6])
    with open(os.path.join(cache, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(root):
            _build_root(root)
        if not os.path.exists(initramfs):
            _build_initramfs(root, initramfs)
        os.utime(root)
        os.utime(initramfs)
    return {"xen": os.path.join(root, "xen"),
            "vmlinux": os.path.join(root, "vmlinux"),
            "root": os.path.join(root, "root.squashfs"),
            "initramfs": initramfs}


def prune():
    """Remove cached images that the present scripts do not use."""
    keep = {"lock"} | {os.path.relpath(path, cache_dir()).split("/")[0]
                       for path in prepare().values()}
    for name in os.listdir(cache_dir()):
        if name not in keep and not name.startswith("build-"):
            path = os.path.join(cache_dir(), name)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
            say("removed " + path)
