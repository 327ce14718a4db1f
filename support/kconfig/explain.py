# SPDX-License-Identifier: BSD-3-Clause
"""`make why`, `make list`, and which library has a missing symbol."""
import glob
import os
import re
import sys

from kconfiglib import AND, BOOL, TYPE_TO_STR, Symbol, expr_items, expr_str, expr_value, split_expr

from terms import prompts, selectors, show, unmet
from tree import FIRST_SYMBOL


def why(tree, name):
    name = name[7:] if name.startswith("CONFIG_") else name
    sym = tree.kconf.syms.get(name)
    if not name:
        sys.exit("usage: make why SYM=<NAME>")
    if sym is None or not sym.nodes:
        near = tree.near(name)
        sys.exit(f"{name}: no such option" + (f"; did you mean {' or '.join(near)}?" if near else ""))
    print(f"{name} = {sym.str_value or '(none)'}    ({TYPE_TO_STR[sym.orig_type]}, {origin(sym)})")
    for node in sym.nodes:
        print(f"  defined at {tree.place(node)}")
        if node.prompt:
            offered = "offered" if expr_value(node.prompt[1]) else "not offered"
            print(f"    prompt \"{node.prompt[0]}\": {offered}")
            section("unmet", unmet(node.prompt[1]))
        else:
            print("    no prompt: follows from other options")
        for value, cond in node.defaults:
            state = "holds" if expr_value(cond) else "does not hold"
            print(f"    default {expr_str(value)}"
                  + (f" if {expr_str(cond)} ({state})" if cond is not tree.kconf.y else ""))
    if sym.direct_dep is not tree.kconf.y:
        print("  depends on")
        for term in split_expr(sym.direct_dep, AND):
            print(f"    {'met  ' if expr_value(term) else 'UNMET'} {show(term)}")
    section("selected now by", selectors(sym))
    possible = sorted({s.name for s in tree.kconf.unique_defined_syms
                       for n in s.nodes for t, _ in n.selects if t is sym} - set(selectors(sym)))
    section("could be selected by", possible)
    section("selects", sorted({expr_str(t) for n in sym.nodes for t, _ in n.selects}))
    section("wanted by (they depend on it)", dependants(tree, sym))
    if sym.choice:
        print(f"  one of a choice: {', '.join(s.name for s in sym.choice.syms)}")
    if sym.nodes[0].help:
        print("  help: " + " ".join(sym.nodes[0].help.split()))


def origin(sym):
    if sym.orig_type is BOOL and selectors(sym):
        return "selected"
    if sym.user_value is not None and sym.visibility:
        return "set in the configuration"
    return "default"


def section(title, items):
    if items:
        print(f"  {title}: {', '.join(items)}")


def dependants(tree, sym):
    found = []
    for other in tree.kconf.unique_defined_syms:
        if other is not sym and sym in {s for s in expr_items(other.direct_dep) if isinstance(s, Symbol)}:
            found.append(f"{other.name}{' (on)' if other.str_value == 'y' else ''}")
    return found


def library_symbol(tree, folder):
    """The option of a library: by the name of its folder, else the first its
    Config.uk defines (a choice may be defined elsewhere)."""
    sym = tree.kconf.syms.get("LIB" + re.sub(r"\W", "_", os.path.basename(folder)).upper())
    if sym is not None and sym.nodes:
        return sym
    try:
        with open(folder + "/Config.uk") as f:
            match = FIRST_SYMBOL.search(f.read())
    except OSError:
        return None
    return tree.kconf.syms.get(match.group(1)) if match else None


def about(sym):
    """What a library without a prompt is: the first sentence of its help."""
    words = " ".join(next((n.help for n in sym.nodes if n.help), "").split())
    name = sym.name[3:].lower().replace("_", "-")
    return f"{name}: {words.split('. ')[0].rstrip('.')}" if words else "(selected by others)"


def list_libraries(tree):
    for _, folder in tree.library_dirs():
        sym = library_symbol(tree, folder)
        if sym is None or not sym.nodes:
            continue
        text = next((n.prompt[0] for n in prompts(sym)), None) or about(sym)
        mark = "*" if sym.str_value == "y" else " "
        print(f"{mark} {sym.name:<24} {tree.short(folder):<28} {text}")


def provides(tree, log):
    """For each symbol a link missed, the libraries that have it."""
    with open(log, errors="replace") as f:
        text = f.read()
    names = dict.fromkeys(re.findall(r"undefined reference to [`'\"]([^`'\"]+)['\"]", text)
                          + re.findall(r"undefined symbol: (\S+)", text))
    pool = [(folder, library_symbol(tree, folder), sources(folder)) for _, folder in tree.library_dirs()]
    for name in names:
        defined = [(f, s) for f, s, code in pool if s is not None and defines(code, name)]
        off = [s.name for _, s in defined if s.str_value != "y"]
        if off:
            print(f"  `{name}`: enable {' or '.join(off)}")
        elif defined:
            folder, sym = defined[0]
            print(f"  `{name}`: {sym.name} is on, but does not export it: add a line to "
                  f"{tree.short(folder)}/exportsyms.uk, or an option of it is off")
        elif name.startswith(("uk_plat_", "uk_arch_")):
            print(f"  `{name}`: the {'platform' if name[3] == 'p' else 'architecture'} has to provide it, and does not")
        else:
            declared = [s.name for f, s, _ in pool if s is not None and declares(f, name)]
            print(f"  `{name}`: " + (f"declared by {' and '.join(declared)}; is an option of it off?"
                                     if declared else "no library of the pools has it"))


def declares(folder, name):
    """Whether a public header of a library has a prototype of name."""
    for path in glob.glob(folder + "/include/**/*.h", recursive=True):
        with open(path, errors="replace") as f:
            if re.search(rf"\b{re.escape(name)}\s*\(", f.read()):
                return True
    return False


def sources(folder):
    """The text in which a library's definitions are looked for."""
    out = []
    for path in sorted(glob.glob(folder + "/**/*.[chS]", recursive=True)):
        if "/test/" not in path:
            with open(path, errors="replace") as f:
                out.append(f.read())
    exports = os.path.join(folder, "exportsyms.uk")
    if os.path.exists(exports):
        with open(exports) as f:
            out.append("".join(f"\nexported({line.strip()});" for line in f))
    return "\n".join(out)


def defines(code, name):
    word = re.escape(name)
    return re.search(rf"^(?:[A-Za-z_][\w\s*]*[\s*])?{word}\s*\([^;{{]*\)\s*(?:__\w+[^;{{]*)?\{{", code, re.M) \
        or re.search(rf"^exported\({word}\);", code, re.M) \
        or re.search(rf"^(?:ENTRY|UK_ENTRY|FUNC)\w*\({word}\)", code, re.M) \
        or re.search(rf"^(?!extern|static|typedef)[A-Za-z_][\w\s*]*[\s*]{word}(?:\[[^]]*\])?\s*(?:=[^=]|;)",
                     code, re.M) is not None
