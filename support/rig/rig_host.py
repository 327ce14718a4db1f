# SPDX-License-Identifier: BSD-3-Clause
"""What the bench needs from the machine it runs on: programs, apt sources."""

import os
import re
import shutil
import subprocess
import sys

# program: Debian package
PROGRAMS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "mmdebstrap": "mmdebstrap",
    "sqfstar": "squashfs-tools",
    "gcc": "gcc",
}
FILES = {
    "/usr/include/stdio.h": "libc6-dev",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
}
UNPRIVILEGED = {"newuidmap": "uidmap"}

# Xen and its tools change their packages' names with each release.
SUITE = "bookworm"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class RigError(Exception):
    """An error whose text is all a user needs to see."""


def say(text):
    print("rig: " + text, file=sys.stderr, flush=True)


def missing_packages():
    programs = dict(PROGRAMS)
    if os.geteuid() != 0:
        programs.update(UNPRIVILEGED)
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = {package for name, package in programs.items()
               if not shutil.which(name, path=path)}
    missing |= {package for name, package in FILES.items()
                if not os.path.exists(name)}
    return sorted(missing)


def _apt(args, as_root):
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    command = ["apt-get"] + args
    if not as_root:
        command = ["sudo"] + command
    return subprocess.run(command, env=env, stdout=sys.stderr).returncode == 0


def install_missing():
    """Install what is missing with an ordinary apt-get install."""
    missing = missing_packages()
    if not missing:
        return
    names = " ".join(missing)
    as_root = os.geteuid() == 0
    if not shutil.which("apt-get"):
        raise RigError(f"these programs' packages are missing: {names}; this "
                       "machine has no apt-get, install them yourself")
    if not as_root and not shutil.which("sudo"):
        raise RigError(f"packages missing: {names}; become root and run: "
                       f"apt-get install {names}")
    say(f"installing Debian packages: {names}"
        + ("" if as_root else " (sudo may ask for your password)"))
    install = ["install", "-q", "-y", "--no-install-recommends"] + missing
    if _apt(install, as_root):
        return
    say("apt-get install failed; refreshing the package lists once")
    if _apt(["update", "-q"], as_root) and _apt(install, as_root):
        return
    raise RigError(f"could not install: {names}; see apt-get's message above")


def check_programs():
    missing = missing_packages()
    if missing:
        raise RigError("packages missing: " + " ".join(missing)
                       + "; run: support/rig/rig deps")


def check_accelerator(accel):
    if accel == "kvm":
        if not os.access("/dev/kvm", os.R_OK | os.W_OK):
            raise RigError("ACCEL=kvm: /dev/kvm is missing or not accessible "
                           "to you; use ACCEL=tcg (slower, works anywhere)")
        return
    if accel != "tcg":
        raise RigError(f"ACCEL={accel}: choose tcg or kvm")
    text = subprocess.run(["qemu-system-x86_64", "-accel", "help"],
                          stdout=subprocess.PIPE, text=True).stdout
    if not re.search(r"^tcg$", text, re.M):
        raise RigError("this qemu-system-x86_64 was built without TCG, its "
                       "software CPU: install Debian's qemu-system-x86")


def _index_targets():
    """The package indexes apt on this machine uses: list of dicts."""
    keys = ["REPO_URI", "RELEASE", "COMPONENT", "ORIGIN"]
    form = "\t".join(f"$({key})" for key in keys)
    text = subprocess.run(
        ["apt-get", "indextargets", "--format", form, "Created-By: Packages"],
        stdout=subprocess.PIPE, text=True).stdout
    found = []
    for line in text.splitlines():
        entry = dict(zip(keys, line.split("\t")))
        # apt leaves a field it does not know as it was written.
        if entry.get("ORIGIN", "").startswith("$("):
            entry["ORIGIN"] = ""
        found.append(entry)
    return found


def _is_debian(entry):
    if entry["ORIGIN"]:
        return entry["ORIGIN"] == "Debian"
    # No package lists yet: go by the names Debian's own archive uses.
    return (entry["COMPONENT"] == "main"
            and re.search(r"/debian(-security)?/?$", entry["REPO_URI"]))


def debian_sources():
    """sources.list lines for SUITE, from this machine's own Debian mirrors."""
    override = os.environ.get("UK_RIG_SOURCES")
    if override:
        with open(override) as f:
            return f.read()
    lines = set()
    for entry in _index_targets():
        if entry["COMPONENT"] != "main" or not _is_debian(entry):
            continue
        release = entry["RELEASE"].strip("/")
        kind = re.search(r"-(updates|security)$", release)
        if not kind and "-" in release:
            continue                # backports, proposed updates
        suite = SUITE + (kind.group(0) if kind else "")
        lines.add(f"deb [signed-by={KEYRING}] {entry['REPO_URI']} {suite} main")
    if not lines:
        raise RigError("no Debian archive among this machine's apt sources; "
                       f"put sources.list lines for {SUITE} into a file and "
                       "name it in UK_RIG_SOURCES")
    return "".join(line + "\n" for line in sorted(lines))


def apt_proxy_options():
    """The machine's proxy settings, which mmdebstrap does not read."""
    text = subprocess.run(["apt-config", "dump"], stdout=subprocess.PIPE,
                          text=True).stdout
    return [line.rstrip(";") for line in text.splitlines()
            if re.match(r'Acquire::\w+::(Proxy|Verify-|Ca)[^"]*".+"', line, re.I)]
