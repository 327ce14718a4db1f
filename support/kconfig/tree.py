# SPDX-License-Identifier: BSD-3-Clause
"""The Config.uk tree: finding its files, reading it, near names."""
import difflib
import glob
import os
import re
import sys

try:
    import kconfiglib
except ImportError:
    sys.exit(f"{sys.executable}: no kconfiglib; Debian has it in a package: "
             "apt-get install python3-kconfiglib (and set PYTHON= to the python that has it)")

FIRST_SYMBOL = re.compile(r"^\s*(?:menu)?config\s+(\w+)", re.M)


def write_if_changed(path, text):
    """True when the file was written."""
    try:
        with open(path) as f:
            if f.read() == text:
                return False
    except OSError:
        pass
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".tmp", "w") as f:
        f.write(text)
    os.replace(path + ".tmp", path)
    return True


class Tree:
    def __init__(self, args):
        self.args = args
        self.base = args.base
        self._own_build_folder()
        self._write_pool()
        os.environ.update(srctree=args.base, UK_BASE=args.base, UK_APP=args.app or "",
                          UK_APP_NAME=os.path.basename(args.app or "app"),
                          UK_CONFIG_DIR=args.build + "/config", KCONFIG_CONFIG=args.config,
                          CONFIG_="CONFIG_")
        try:
            self.kconf = kconfiglib.Kconfig(args.base + "/Config.uk", warn_to_stderr=False)
        except kconfiglib.KconfigError as e:
            sys.exit(f"error: {self.short_text(str(e)).strip()}")
        self.kconf.warn_assign_undef = False

    def _own_build_folder(self):
        """`make clean` removes the folder: it must not hold the user's files."""
        build = self.args.build
        if os.path.isdir(build) and os.listdir(build) and not os.path.exists(build + "/config/libs.uk"):
            sys.exit(f"error: O={build}: this folder is not empty and not the output of a build")

    def library_dirs(self):
        """(pool, folder) of each library, in the order of the menus."""
        found = [("lib/" + os.path.basename(os.path.dirname(os.path.dirname(f))), os.path.dirname(f))
                 for f in sorted(glob.glob(self.base + "/lib/*/*/Config.uk"))]
        return found + [("external", d) for d in self.args.lib]

    def _write_pool(self):
        """The part of the tree that is found, not listed, becomes two files."""
        out, pool = [], None
        for name, folder in self.library_dirs():
            if name != pool:
                out += ["endmenu"] * (pool is not None)
                out.append(f'menu "{"External libraries (L=)" if name == "external" else name}"')
                pool = name
            if os.path.exists(folder + "/Config.uk"):
                out.append(f'source "{folder}/Config.uk"')
        out += ["endmenu"] * (pool is not None)
        write_if_changed(self.args.build + "/config/libs.uk", "\n".join(out) + "\n")
        out = [f'source "{d}/Config.uk"' for d in self.args.plat if os.path.exists(d + "/Config.uk")]
        write_if_changed(self.args.build + "/config/plats.uk", "\n".join(out) + "\n")
        app = self.args.app
        out = [f'source "{app}/Config.uk"'] if app and os.path.exists(app + "/Config.uk") else []
        write_if_changed(self.args.build + "/config/app.uk", "\n".join(out) + "\n")

    def files(self):
        """Every Config.uk read, absolute."""
        return sorted({os.path.join(self.base, f) for f in self.kconf.kconfig_filenames})

    def short(self, path):
        path = os.path.join(self.base, path)
        cwd = self.args.cwd or os.getcwd()
        for prefix in (self.base, os.path.dirname(self.args.app or self.base), cwd):
            if path.startswith(prefix + "/"):
                return path[len(prefix) + 1:]
        return path

    def short_text(self, text):
        return text.replace(self.base + "/", "")

    def place(self, node):
        return f"{self.short(node.filename)}:{node.linenr}"

    def near(self, name):
        """Names close to one that does not exist, nearest first."""
        names = [s.name for s in self.kconf.unique_defined_syms]
        hits = [n for n in names if n.replace("_", "") == name.replace("_", "")]
        hits += difflib.get_close_matches(name, names, n=3, cutoff=0.75)
        hits += [n for n in names if n == "LIB" + name or "LIB" + n == name]
        return list(dict.fromkeys(hits))[:3]
