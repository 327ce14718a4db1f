# SPDX-License-Identifier: BSD-3-Clause
"""The images of these tests: hello, and the one in app/ that looks at its
platform from inside."""
import os
import subprocess

HERE = os.path.dirname(os.path.realpath(__file__))
TREE = os.path.realpath(os.path.join(HERE, "..", "..", ".."))
HELLO = f"{TREE}/apps/helloworld"
LOOK = f"{HERE}/app"


class BuildError(Exception):
    pass


def build(app, platform, folder, *options):
    """Build @app for @platform below @folder; returns the image's path."""
    name = os.path.basename(app)
    out = f"{folder}/{name}-{platform}"
    os.makedirs(out)
    with open(f"{out}/defconfig", "w", encoding="utf-8") as f:
        for option in (f"PLAT_{platform.upper()}=y", f'UK_NAME="{name}"', *options):
            f.write(f"CONFIG_{option}\n")
    make = ["make", "-C", TREE, f"A={app}", f"O={out}/build", f"C={out}/config"]
    for goal in (["defconfig", f"DEFCONFIG={out}/defconfig"], [platform]):
        done = subprocess.run(make + goal, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildError((done.stderr or done.stdout)[-2000:])
    return f"{out}/build/{name}_{platform}-x86_64"
