# SPDX-License-Identifier: BSD-3-Clause
"""What a configuration gives the build: make variables, a header, stamps."""
import os
import re

from kconfiglib import BOOL, HEX, INT, STRING

from tree import write_if_changed

def values(kconf):
    """name -> text as in .config, for all that have a value."""
    out = {}
    for sym in kconf.unique_defined_syms:
        if sym.orig_type is BOOL:
            if sym.tri_value:
                out[sym.name] = "y"
        elif sym.orig_type is STRING:
            if sym.config_string or sym.str_value:
                text = sym.str_value.replace("\\", "\\\\").replace('"', '\\"')
                out[sym.name] = f'"{text}"'
        elif sym.orig_type in (INT, HEX) and sym.str_value:
            out[sym.name] = sym.str_value
    return out


def read_autoconf(path):
    try:
        with open(path) as f:
            return dict(re.findall(r"^CONFIG_(\w+)=(.*)$", f.read(), re.M))
    except OSError:
        return {}


def emit(tree, pool):
    build = tree.args.build
    new = values(tree.kconf)
    escaped = {k: v.replace("$", "$$").replace("#", "\\#") for k, v in new.items()}
    old = read_autoconf(build + "/config/auto.conf")
    stamps = build + "/config/sym/"
    os.makedirs(stamps, exist_ok=True)
    for name in set(old) ^ set(escaped) | {n for n in old if escaped.get(n) != old[n]}:
        if old:
            with open(stamps + name, "w"):
                pass

    lines = ["/* Written by the build from the configuration. */", "#ifndef UK_CONFIG_H",
             "#define UK_CONFIG_H", ""]
    for name, value in new.items():
        sym = tree.kconf.syms[name]
        if value == "y":
            value = "1"
        elif sym.orig_type is HEX and not value.startswith(("0x", "0X")):
            value = "0x" + value
        lines.append(f"#define CONFIG_{name} {value}")
    write_if_changed(build + "/include/uk/config.h", "\n".join(lines) + "\n\n#endif\n")

    deps = "".join(f" \\\n  {f}" for f in tree.files())
    write_if_changed(build + "/config/auto.conf.d",
                     f"KCONFIG_POOL_SEEN := {pool}\nKCONFIG_DEPS :={deps}\n")
    # Last, and with a new time even when nothing changed: it is the target
    path = build + "/config/auto.conf"
    write_if_changed(path, "".join(f"CONFIG_{k}={v}\n" for k, v in escaped.items()))
    os.utime(path)
