# SPDX-License-Identifier: BSD-3-Clause
"""A bench whose only xenstored is a domain: build the image, start it as an
administrator would, for tests, the demonstration and measurements."""
import contextlib
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
TREE = os.path.realpath(os.path.join(HERE, "..", "..", ".."))
sys.path[:0] = [os.path.join(HERE, "..", "unit"), os.path.join(HERE, "..", "..", "rig")]

from rig import Rig                                             # noqa: E402

TOOLS = "/usr/lib/xen-4.17/bin"
LOG = "/var/log/xen/console/guest-Xenstore.log"


def build_client(folder):
    """The bench's client, for dom0."""
    path = os.path.join(folder, "client")
    subprocess.run(["gcc", "-static", "-O2", "-o", path,
                    os.path.join(TREE, "support", "bench", "xenstore", "client.c")], check=True)
    return path


def launch(rig, image, memory=8, options=""):
    """init-xenstore-domain, then what Debian's start script does after it."""
    rig.put(image, "/root/xenstored")
    rig.run("mkdir -p /run/xen /run/xenstored /run/lock /var/log/xen/console")
    out = rig.run(f"t0=$(date +%s%N); {TOOLS}/init-xenstore-domain --kernel /root/xenstored "
                  f"--memory {memory} {options} 2>/dev/null || exit 1; t1=$(date +%s%N);"
                  "echo $(((t1 - t0) / 1000))", timeout=60).out
    rig.run(f"{TOOLS}/xen-init-dom0 && {TOOLS}/xenconsoled --log=all --pid-file /run/xenconsoled.pid")
    return int(out.split()[-1])


@contextlib.contextmanager
def host(image, **options):
    """A running bench on @image's store, with the client in /root/client. Gives
    the bench and the microseconds init-xenstore-domain took."""
    start = {key: options.pop(key) for key in ("memory", "options") if key in options}
    with tempfile.TemporaryDirectory() as folder, Rig(private=True, services=False, **options) as rig:
        rig.put(build_client(folder), "/root/client")
        rig.run("chmod +x /root/client")
        yield rig, launch(rig, image, **start)
