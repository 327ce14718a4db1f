#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Driver of the configuration: everything the build does with Config.uk files
and .config goes through here. `make help` lists the goals that call it."""
import argparse
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from tree import Tree, kconfiglib, write_if_changed  # noqa: E402
from check import Checker, read_requests  # noqa: E402
from emit import emit  # noqa: E402
from terms import prompts  # noqa: E402
import explain  # noqa: E402

HEADER = "# Configuration of Unicore. Change it with `make menuconfig`, or by hand.\n"


def say(verb, text):
    if not os.environ.get("UK_SILENT"):
        print(f"  {verb:<7} {text}", flush=True)


def fail(checker, what):
    if not checker.errors:
        return
    for message in checker.errors:
        print(f"error: {message}", file=sys.stderr)
    count = len(checker.errors)
    sys.exit(f"{what}: {count} request{'s' if count > 1 else ''} without effect")


def last_copy(tree):
    return tree.args.build + "/config/last.config"


def save(tree, text="configuration written"):
    """Writes .config, and remembers it as what was already checked."""
    path = tree.args.config
    os.makedirs(os.path.dirname(path), exist_ok=True)
    tree.kconf.write_config(path, header=HEADER, save_old=False)
    with open(path) as f:
        write_if_changed(last_copy(tree), f.read())
    if text:
        say("CONFIG", f"{tree.short(path)}: {text}")


def load_defconfig(tree, path):
    checker = Checker(tree)
    if not os.path.exists(path):
        folder = os.path.dirname(path)
        named = [f for f in os.listdir(folder) if f.endswith("_defconfig")] if os.path.isdir(folder) else []
        sys.exit(f"error: {tree.short(path)}: no such file"
                 + (f"; there is {', '.join(sorted(named))}" if named else ""))
    tree.kconf.load_config(path)
    checker.requests(path, facts_too=True)
    checker.all()
    fail(checker, tree.short(path))


def contents(path):
    """None when there is no such file."""
    try:
        with open(path) as f:
            return f.read()
    except FileNotFoundError:
        return None


def old_lines(tree):
    return [line.strip() for line in (contents(last_copy(tree)) or "").splitlines()]


def sync(tree):
    """Brings what the build reads up to date with .config."""
    path = tree.args.config
    if not os.path.exists(path):
        default = tree.args.app + "/defconfig"
        if os.path.exists(default):
            say("CONFIG", f"{tree.short(path)} does not exist: taking {tree.short(default)}")
            load_defconfig(tree, default)
        else:
            say("CONFIG", f"{tree.short(path)} does not exist, nor does a defconfig: taking the defaults")
            check_all(tree)
    else:
        checker = Checker(tree)
        tree.kconf.load_config(path)
        checker.requests(path, facts_too=False, old=old_lines(tree))
        checker.all()
        fail(checker, tree.short(path))
    save(tree, text=None)
    emit(tree, tree.args.pool)


def check_all(tree):
    checker = Checker(tree)
    checker.all()
    fail(checker, tree.short(tree.args.config))


def load_present(tree):
    if os.path.exists(tree.args.config):
        tree.kconf.load_config(tree.args.config)
    elif tree.args.app and os.path.exists(tree.args.app + "/defconfig"):
        tree.kconf.load_config(tree.args.app + "/defconfig")


def olddefconfig(tree):
    """Takes .config as it can be had, and says what was dropped."""
    load_present(tree)
    if os.path.exists(tree.args.config):
        for number, name, asked, _ in read_requests(tree.args.config):
            sym = tree.kconf.syms.get(name) if name else None
            got = sym.str_value if sym is not None and sym.nodes else None
            if got is None or (got != asked and prompts(sym)):
                say("DROP", f"CONFIG_{name}={asked}" + (f" (now {got})" if got is not None else " (no such option)"))
    check_all(tree)
    save(tree)


def savedefconfig(tree, path):
    load_present(tree)
    tree.kconf.write_min_config(path, header="")
    say("CONFIG", f"{tree.short(path)}: written")


def listnewconfig(tree):
    load_present(tree)
    for sym in tree.kconf.unique_defined_syms:
        if sym.user_value is None and sym.visibility and not sym.choice:
            print(f"CONFIG_{sym.name}={sym.str_value}")


def fixed_requests(tree):
    """KCONFIG_ALLCONFIG: lines that hold whatever the goal picks."""
    path = os.environ.get("KCONFIG_ALLCONFIG")
    if not path:
        return {}
    return {name: value for _, name, value, _ in read_requests(path) if name}


def apply_fixed(tree, fixed):
    for name, value in fixed.items():
        sym = tree.kconf.syms.get(name)
        if sym is None:
            sys.exit(f"error: {os.environ['KCONFIG_ALLCONFIG']}: CONFIG_{name}: no such option")
        sym.set_value(value)


def set_all(tree, value):
    """allyesconfig and allnoconfig."""
    fixed = fixed_requests(tree)
    with_prompt = [s for s in tree.kconf.unique_defined_syms if s.orig_type is kconfiglib.BOOL and not s.choice]
    for sym in with_prompt:
        sym.set_value(value)
    apply_fixed(tree, fixed)
    check_all(tree)
    save(tree)
    if not Checker(tree).platforms():
        say("NOTE", "no platform is on: KCONFIG_ALLCONFIG=<file> keeps options, e.g. CONFIG_PLAT_LINUXU=y")


def randconfig(tree):
    """Every bool with a prompt by chance; KCONFIG_SEED repeats a run."""
    given = os.environ.get("KCONFIG_SEED")
    seed = int(given, 0) if given else random.randrange(1 << 31)
    chance = int(os.environ.get("KCONFIG_PROBABILITY") or 50) / 100
    fixed = fixed_requests(tree)
    print(f"KCONFIG_SEED={seed}", flush=True)
    for attempt in range(50):
        roll(tree, random.Random(seed + attempt * 1000003), chance, fixed)
        checker = Checker(tree)
        checker.app()
        if checker.platforms() and not checker.errors:
            break
    check_all(tree)
    save(tree)


def roll(tree, rng, chance, fixed):
    tree.kconf.unset_values()
    for sym in tree.kconf.unique_defined_syms:
        if sym.orig_type is kconfiglib.BOOL and not sym.choice and prompts(sym):
            sym.set_value(2 if rng.random() < chance else 0)
    for choice in tree.kconf.unique_choices:
        offered = [s for s in choice.syms if s.visibility]
        if offered:
            rng.choice(offered).set_value(2)
    apply_fixed(tree, fixed)


def interface(tree, module, package):
    try:
        ui = __import__(module)
    except ImportError as e:
        sys.exit(f"error: {module}: {e}; Debian has it in a package: apt-get install {package}")
    load_present(tree)
    before = contents(tree.args.config)
    ui.menuconfig(tree.kconf)
    after = contents(tree.args.config)
    if after is not None:
        check_all(tree)
        if after != before:
            write_if_changed(last_copy(tree), after)


def main():
    parser = argparse.ArgumentParser()
    for name in ("base", "app", "build", "config", "pool", "cwd"):
        parser.add_argument("--" + name, default="")
    parser.add_argument("--lib", action="append", default=[])
    parser.add_argument("--plat", action="append", default=[])
    parser.add_argument("goal")
    parser.add_argument("file", nargs="?", default="")
    args = parser.parse_args()
    try:
        run(Tree(args), args)
    except OSError as e:
        sys.exit(f"error: {e.filename}: {e.strerror}")
    except (UnicodeDecodeError, kconfiglib.KconfigError) as e:
        sys.exit(f"error: {str(e).strip().splitlines()[0]}")


def run(tree, args):
    goals = {
        "sync": lambda: sync(tree),
        "defconfig": lambda: (load_defconfig(tree, args.file), save(tree, f"from {tree.short(args.file)}")),
        "savedefconfig": lambda: savedefconfig(tree, args.file),
        "olddefconfig": lambda: olddefconfig(tree),
        "oldconfig": lambda: olddefconfig(tree),
        "listnewconfig": lambda: listnewconfig(tree),
        "randconfig": lambda: randconfig(tree),
        "allyesconfig": lambda: set_all(tree, 2),
        "allnoconfig": lambda: set_all(tree, 0),
        "menuconfig": lambda: interface(tree, "menuconfig", "python3-kconfiglib"),
        "nconfig": lambda: interface(tree, "menuconfig", "python3-kconfiglib"),
        "guiconfig": lambda: interface(tree, "guiconfig", "python3-tk"),
        "why": lambda: (load_present(tree), explain.why(tree, args.file)),
        "list": lambda: (load_present(tree), explain.list_libraries(tree)),
        "provides": lambda: (load_present(tree), explain.provides(tree, args.file)),
    }
    goals[args.goal]()


main()
