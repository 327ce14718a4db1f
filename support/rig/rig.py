# SPDX-License-Identifier: BSD-3-Clause
"""
A real Xen host in QEMU, for tests.

    with Rig() as r:
        r.put("build/app_xenpv-x86_64")
        r.run("xl create app.xl")
        r.wait_console("app", "hello")
        print(r.console("app"))

Rules: a Rig object belongs to one thread; several processes may use one bench
at once, each command taking one of its PORTS channels. A bench that was
running when Rig() found it is left running; one that Rig() started is stopped
at the end of the `with`, and also dies with the process that started it.
"""

import ctypes
import fcntl
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

from rig_channel import (Channel, Result, RigDead, RigTimeout, connect_unix)
import rig_host
from rig_host import RigError, say
import rig_image

__all__ = ["Rig", "RigError", "RigDead", "RigTimeout", "Result"]

PORTS = 8
START_TIMEOUT_S = 300
ANSWER_S = 60           # a host under load may keep dom0 waiting this long
CPU = "qemu64,+svm,+npt,+rdrand"        # -cpu max crashes the PV dom0
PR_SET_PDEATHSIG = 1
NOISE = re.compile(r"\(XEN\) HVM ?d?\d")   # what Xen says of each HVM vCPU


def patient(timeout):
    """What a time limit is on this machine: it ends what hangs, and a busy
    machine is slow."""
    factor = float(os.environ.get("UK_RIG_PATIENCE") or 1)
    return timeout and timeout * factor


def default_dir():
    named = os.environ.get("UK_RIG_DIR")
    if named:
        return os.path.abspath(named)
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and os.access(runtime, os.W_OK):
        return os.path.join(runtime, "unicore-rig")
    return f"/tmp/unicore-rig-{os.geteuid()}"


class Options:
    """How a bench is started. Defaults come from UK_RIG_* and ACCEL."""

    def __init__(self, **given):
        env = os.environ.get
        self.accel = env("ACCEL", "tcg")
        self.memory = env("UK_RIG_MEMORY", "2G")
        self.dom0_memory = env("UK_RIG_DOM0_MEMORY", "512M")
        self.machine = "pc"             # "q35" adds an IOMMU
        self.iommu = "intel-iommu"      # or "amd-iommu"; with q35
        self.icount = None              # N: an instruction takes 2^N ns
        self.devices = []               # QEMU -device arguments
        self.qemu_args = []             # any other QEMU arguments
        self.services = True            # False: no xenstored, no xenconsoled
        self.xen_args = ""
        self.dom0_args = ""
        for name, value in given.items():
            if not hasattr(self, name):
                raise TypeError(f"Rig has no option {name!r}")
            if value is not None:
                setattr(self, name, value)

    def machine_args(self):
        args = ["-machine", self.machine, "-accel", self.accel]
        if self.machine.startswith("q35"):
            # The IOMMU remaps interrupts, which KVM's own IO-APIC cannot.
            args[1] += ",kernel-irqchip=split" if self.accel == "kvm" else ""
            args += ["-device", self.iommu]
        elif not self.machine.startswith("pc"):
            raise RigError(f"machine {self.machine}: choose pc or q35")
        if self.icount is not None:
            args += ["-icount", f"shift={self.icount},sleep=off"]
        return args

    def xen_iommu_args(self):
        """No real machine has QEMU's AMD processor beside VT-d. Xen takes this one's
        page tables for such as VT-d can share, because TCG answers 0 to whatever is
        read of an MSR, and flushes nothing when they change."""
        is_odd = (self.accel == "tcg" and self.machine.startswith("q35")
                  and self.iommu.startswith("intel-iommu"))
        return "iommu=no-sharept " if is_odd else ""

    def qemu_command(self, image):
        xen = ("loglvl=all guest_loglvl=all console=com1 com1=115200n8 "
               f"dom0_mem={self.dom0_memory},max:{self.dom0_memory} "
               "bootscrub=0 "
               + self.xen_iommu_args() + self.xen_args)
        dom0 = ("console=hvc0 quiet rdinit=/init random.trust_cpu=on "
                "panic=1 " + ("" if self.services else "rig.services=no ")
                + ("" if self.icount is None else "rig.heartbeat=no ")
                + self.dom0_args)
        args = ["qemu-system-x86_64", *self.machine_args()]
        args += ["-cpu", CPU if self.accel == "tcg" else "host",
                 "-m", self.memory, "-smp", "1", "-nodefaults",
                 "-display", "none", "-vga", "none", "-no-reboot",
                 "-pidfile", "pid", "-serial", "file:serial.log",
                 "-drive", f"file={image['root']},format=raw,readonly=on,"
                           "if=virtio,file.locking=off",
                 "-virtfs", "local,path=share,mount_tag=share,"
                            "security_model=none",
                 "-device", f"virtio-serial-pci,max_ports={PORTS + 1}"]
        for n in range(PORTS):
            args += ["-chardev", f"socket,id=p{n},path=port{n},server=on,wait=off",
                     "-device", f"virtserialport,chardev=p{n},name=rig.{n}"]
        for device in self.devices:
            args += ["-device", device]
        args += self.qemu_args
        # A comma in a module's own arguments would end the module.
        args += ["-kernel", image["xen"], "-append", xen.strip(), "-initrd",
                 f"{image['vmlinux']} {dom0.strip().replace(',', ',,')},"
                 f"{image['initramfs']}"]
        return args


class Rig:
    def __init__(self, dir=None, private=False, **options):
        """dir: the state folder; private=True: a new one, removed at the end.

        Other keywords: see Options. They matter only if this object starts
        the bench.
        """
        self._private = private and dir is None
        if self._private:
            dir = tempfile.mkdtemp(prefix="unicore-rig-")
        self.dir = os.path.abspath(dir) if dir else default_dir()
        self.options = Options(**options)
        self._started_here = False
        self.boot_s = None

    def __enter__(self):
        try:
            self.start(tied=True)
        except BaseException:
            if self._started_here:
                self.stop()
            raise
        return self

    def __exit__(self, *unused):
        if self._started_here:
            self.stop()
        if self._private:
            shutil.rmtree(self.dir, ignore_errors=True)

    # --- life ---------------------------------------------------------------

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def _make_dir(self):
        os.makedirs(self.dir, mode=0o700, exist_ok=True)
        if os.stat(self.dir).st_uid != os.geteuid():
            raise RigError(f"{self.dir} belongs to another user; "
                           "set UK_RIG_DIR to a folder of yours")
        os.makedirs(self.path("share", "console"), exist_ok=True)
        os.makedirs(self.path("share", "put"), exist_ok=True)

    def pid(self):
        """QEMU's process id, or None when the bench is not running."""
        try:
            with open(self.path("pid")) as f:
                pid = int(f.read())
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                is_qemu = b"rig.0" in f.read()
            with open(f"/proc/{pid}/stat") as f:
                is_zombie = f.read().rpartition(")")[2].split()[0] == "Z"
        except (OSError, ValueError):
            return None
        return pid if is_qemu and not is_zombie else None

    def is_running(self):
        return self.pid() is not None

    def start(self, tied=False):
        """Start the bench if it is not running; returns when dom0 answers."""
        self._make_dir()
        with open(self.path("lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.is_running():
                self._boot(tied)
        return self

    def _boot(self, tied):
        rig_host.check_programs()
        rig_host.check_accelerator(self.options.accel)
        image = rig_image.prepare()
        self._clean()
        command = self.options.qemu_command(image)
        with open(self.path("options.json"), "w") as f:
            json.dump(vars(self.options), f)
        begin = time.monotonic()
        with open(self.path("qemu.log"), "w") as log:
            log.write(shlex.join(command) + "\n")
            log.flush()
            qemu = subprocess.Popen(
                command, cwd=self.dir, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
                preexec_fn=self._die_with_parent if tied else None)
        self._started_here = True
        try:
            self._await_dom0(qemu, begin + START_TIMEOUT_S)
        except RigError as e:
            self._kill(qemu.pid)
            qemu.wait()
            hint = ("(with ACCEL=kvm; ACCEL=tcg is slower and works anywhere)\n"
                    if self.options.accel == "kvm" else "")
            raise RigError(f"the bench did not start: {e}\n{hint}"
                           + self.tail()) from None
        self.boot_s = time.monotonic() - begin
        say(f"Xen and dom0 are up after {self.boot_s:.1f} s")

    @staticmethod
    def _die_with_parent():
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    def _await_dom0(self, qemu, deadline):
        """The answer to a hello is the readiness mark: nothing is polled."""
        while not os.path.exists(self.path(f"port{PORTS - 1}")):
            if qemu.poll() is not None:
                raise RigDead(f"QEMU ended with status {qemu.returncode}")
            time.sleep(0.05)
        channel = Channel(connect_unix(self.dir, "port0"))
        try:
            channel.hello(deadline)
        except RigTimeout:
            raise RigTimeout(f"dom0 silent for {START_TIMEOUT_S} s") from None
        finally:
            channel.close()

    def _clean(self):
        for name in os.listdir(self.dir):
            if re.fullmatch(r"pid|port\d+|serial\.log|qemu\.log", name):
                os.unlink(self.path(name))
        for folder in ("console", "put"):
            for name in os.listdir(self.path("share", folder)):
                os.unlink(self.path("share", folder, name))

    @staticmethod
    def _kill(pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        limit = time.monotonic() + 10
        while time.monotonic() < limit:
            try:
                if os.waitpid(pid, os.WNOHANG)[0] == pid:
                    return
            except ChildProcessError:
                if not os.path.exists(f"/proc/{pid}"):
                    return
            time.sleep(0.02)

    def stop(self):
        """End the bench at once; its logs stay until the next start."""
        pid = self.pid()
        if pid is not None:
            self._kill(pid)
        for name in ["pid"] + [f"port{n}" for n in range(PORTS)]:
            if os.path.exists(self.path(name)):
                os.unlink(self.path(name))
        self._started_here = False

    # --- commands -----------------------------------------------------------

    def _free_port(self, deadline):
        """Lock a port nobody uses: (lock file, port name)."""
        while True:
            for n in range(PORTS):
                lock = open(self.path(f"port{n}.lock"), "w")
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return lock, f"port{n}"
                except BlockingIOError:
                    lock.close()
            if deadline is not None and time.monotonic() > deadline:
                raise RigTimeout(f"all {PORTS} channels into dom0 are busy")
            time.sleep(0.1)

    def _must_run(self):
        if not self.is_running():
            raise RigDead("the bench is not running\n" + self.tail())

    def _session(self, timeout, use):
        """use(channel), in a session of its own."""
        self._must_run()
        limit = None if timeout is None else time.monotonic() + timeout
        lock, port = self._free_port(limit)
        with lock:
            try:
                channel = Channel(connect_unix(self.dir, port))
            except OSError as e:
                raise RigDead(f"no connection to QEMU: {e}\n{self.tail()}") from None
            try:
                self._greet(channel)
                return use(channel)
            except RigDead as e:
                raise RigDead(f"{e}\n{self.tail()}") from None
            finally:
                channel.close()

    @staticmethod
    def _greet(channel):
        try:
            channel.hello(time.monotonic() + ANSWER_S)
        except RigTimeout:
            raise RigDead(f"dom0 did not answer for {ANSWER_S} s") from None

    def run(self, command, timeout=60, check=True, stdin=None, on_output=None):
        """Run a shell command in dom0 and return a Result.

        timeout in seconds, None for none: RigTimeout after the command was
        killed. check: a status other than 0 is a RigError that shows stderr.
        stdin: bytes. on_output(kind, bytes): called as output comes, kind
        "o" or "e".
        """
        timeout = patient(timeout)
        result = self._session(timeout, lambda channel: channel.run(
            command, stdin, timeout, on_output))
        if check and result.status != 0:
            raise RigError(f"status {result.status} in dom0: {command}\n"
                           + (result.err or result.out)[-2000:])
        return result

    def interact(self, command, fd_in=0, fd_out=1, rows=24, cols=80):
        """Run a command on a terminal; returns its status."""
        return self._session(None, lambda channel: channel.interact(
            command, fd_in, fd_out, rows, cols))

    # --- files --------------------------------------------------------------

    def put(self, source, target=None):
        """Copy a file into dom0; default place /root. Returns that place."""
        name = os.path.basename(source)
        target = target or "/root/" + name
        if target.endswith("/"):
            target += name
        self._must_run()
        with tempfile.NamedTemporaryFile(dir=self.path("share", "put")) as f:
            with open(source, "rb") as data:
                shutil.copyfileobj(data, f)
            f.flush()
            os.chmod(f.name, os.stat(source).st_mode & 0o777 | 0o400)
            quoted = shlex.quote(target)
            self.run(f'mkdir -p "$(dirname {quoted})" && cp '
                     f"/share/put/{os.path.basename(f.name)} {quoted}")
        return target

    def put_text(self, text, target):
        """Write a text file in dom0. Returns its place."""
        quoted = shlex.quote(target)
        self.run(f'mkdir -p "$(dirname {quoted})" && cat > {quoted}',
                 stdin=text.encode())
        return target

    def get(self, source, target):
        """Copy a file out of dom0."""
        data = self.run(f"cat {shlex.quote(source)}").stdout
        with open(target, "wb") as f:
            f.write(data)

    # --- waiting ------------------------------------------------------------

    def wait_for(self, condition, timeout=30, interval=0.2, what=None):
        """Call condition() on the host until it is true; returns its value.

        For what only a command in dom0 can tell, prefer wait_xs: asking dom0
        again and again costs its only CPU.
        """
        timeout = patient(timeout)
        limit = time.monotonic() + timeout
        while True:
            value = condition()
            if value:
                return value
            if not self.is_running():
                raise RigDead("the bench has died\n" + self.tail())
            if time.monotonic() > limit:
                raise RigTimeout(f"over {timeout} s: {what or 'condition'}")
            time.sleep(interval)

    def wait_xs(self, path, value="", timeout=30):
        """Wait until a xenstore node has a value ("": exists, "-": gone)."""
        try:
            self.run(f"xs-wait {shlex.quote(path)} {shlex.quote(value)}",
                     timeout=timeout)
        except RigTimeout:
            now = self.run(f"xenstore-read {shlex.quote(path)}", check=False)
            raise RigTimeout(f"over {timeout} s: xenstore {path} is "
                             f"{now.out.strip() or 'absent'}, not "
                             f"{value or 'there'}") from None

    # --- consoles and logs ----------------------------------------------------

    def log_path(self, name):
        """The host's file of a log: xen (serial), qemu, or a domain's name."""
        if name in ("xen", "dom0", "serial"):
            return self.path("serial.log")
        if name == "qemu":
            return self.path("qemu.log")
        return self.path("share", "console", f"guest-{name}.log")

    def log(self, name):
        try:
            with open(self.log_path(name), errors="replace", newline="") as f:
                return f.read().replace("\r\n", "\n")
        except FileNotFoundError:
            return ""

    def console(self, name):
        """All that domains of this name have written to their console."""
        return self.log(name)

    def wait_console(self, name, pattern, timeout=30, start=0):
        """Wait for a regular expression in a console (or log) from the text
        offset `start`; returns the match."""
        try:
            return self.wait_for(
                lambda: re.compile(pattern, re.M).search(self.log(name), start),
                timeout)
        except RigTimeout:
            raise RigTimeout(
                f"over {timeout} s: {pattern!r} on the console of {name}, "
                f"which ends:\n{self.log(name)[-1500:]}") from None

    def tail(self, lines=25):
        """The last lines of QEMU and of the serial console, for a report."""
        text = ""
        for name in ("qemu", "serial"):
            last = self.log(name).splitlines()
            if name == "qemu":
                last = last[1:]         # the first is QEMU's command line
            last = [line for line in last if not NOISE.match(line)]
            if last:
                text += f"--- the last of {self.log_path(name)}\n"
                text += "".join(line + "\n" for line in last[-lines:])
        return text
