# SPDX-License-Identifier: BSD-3-Clause
"""Requests that do not take effect: each becomes a message with its place, what
was asked, what came out and the terms that are not met."""
import os
import re

from kconfiglib import BOOL, HEX, INT, STRING, UNKNOWN, Symbol, expr_items, expr_value

from terms import prompts, selectors, unmet, why_hidden

SET = re.compile(r"CONFIG_(\w+)=(.*)$")
IMAGE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
UNSET = re.compile(r"# CONFIG_(\w+) is not set$")


def read_requests(path):
    """List of (line number, name, value or None when malformed, text)."""
    out = []
    with open(path) as f:
        for number, line in enumerate(f, 1):
            line = line.strip()
            match = SET.match(line)
            if match:
                out.append((number, match.group(1), unquote(match.group(2)), line))
                continue
            match = UNSET.match(line)
            if match:
                out.append((number, match.group(1), "n", line))
            elif line and not line.startswith("#"):
                out.append((number, None, None, line))
    return out


def unquote(value):
    if len(value) > 1 and value[0] == value[-1] == '"':
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def same(sym, asked, got):
    if sym.orig_type in (INT, HEX):
        try:
            return int(asked, 0) == int(got, 0)
        except ValueError:
            return False
    return asked == got


class Checker:
    def __init__(self, tree):
        self.tree = tree
        self.kconf = tree.kconf
        self.errors = []
        self.places = {}

    def error(self, place, what, *details):
        self.errors.append("\n".join([f"{place}: {what}"] + [f"    {d}" for d in details]))

    def requests(self, path, facts_too, old=()):
        """Checks the lines of a loaded file. facts_too: a line for an option
        without a prompt is an error (a defconfig), not a leftover (a .config
        from elsewhere). Lines found in old were results, not requests, and are
        not checked; where there is an old, the others were written by hand."""
        old = set(old)
        facts_too = facts_too or bool(old)
        seen = {}
        for number, name, asked, line in read_requests(path):
            place = f"{self.tree.short(path)}:{number}"
            if name in seen and seen[name][1] != asked:
                self.error(place, f"CONFIG_{name} is set to \"{asked}\"",
                           f"but line {seen[name][0]} has set it to \"{seen[name][1]}\"")
            seen[name] = (number, asked)
            self.places[name] = place
            if name is None:
                self.error(place, f"not a configuration line: {line}",
                           "expected CONFIG_<NAME>=<value> or # CONFIG_<NAME> is not set")
            elif line not in old:
                self._request(place, name, asked, line, facts_too)

    def _request(self, place, name, asked, line, facts_too):
        sym = self.kconf.syms.get(name)
        if sym is None or sym.orig_type is UNKNOWN or not sym.nodes:
            return self._unknown(place, name, asked)
        got = sym.str_value or ("n" if sym.orig_type is BOOL else "")
        if same(sym, asked, got):
            return None
        if not prompts(sym):
            if not facts_too:
                return None
            return self.error(place, f"CONFIG_{name}: asked \"{asked}\", got \"{got}\"",
                              "it has no prompt: its value follows from other options; remove the line",
                              f"defined at {self.tree.place(sym.nodes[0])}")
        details = [f"strings need quotes: CONFIG_{name}=\"{asked}\""] \
            if sym.orig_type is STRING and not line.endswith('"') else self._reasons(sym, asked, got)
        return self.error(place, f"CONFIG_{name}: asked \"{asked}\", got \"{got}\"", *details,
                          f"defined at {', '.join(self.tree.place(n) for n in sym.nodes)}")

    def _unknown(self, place, name, asked):
        near = self.tree.near(name)
        details = [f"asked \"{asked}\", got nothing"]
        if near:
            details.append("did you mean " + " or ".join("CONFIG_" + n for n in near) + "?")
        else:
            details.append("is a library missing from L=?")
        self.error(place, f"CONFIG_{name}: no such option", *details)

    def _reasons(self, sym, asked, got):
        if sym.orig_type is BOOL:
            if asked not in ("y", "n"):
                return ["a bool takes y or n"]
            if asked == "n":
                by = selectors(sym)
                if by:
                    return [f"selected by {', '.join(by)}"]
                if sym.choice:
                    return ["it is the one chosen in its choice; choose another instead"]
                return ["its prompt is not offered; unmet: " + "; ".join(why_hidden(sym))]
            if sym.choice and not why_hidden(sym) and sym.choice.selection:
                return [f"of its choice, {sym.choice.selection.name} is selected"]
        hidden = why_hidden(sym)
        if hidden:
            return ["unmet: " + "; ".join(hidden)]
        ranges = [f"{low.str_value}..{high.str_value}" for low, high, cond in sym.ranges
                  if expr_value(cond)]
        if ranges:
            return [f"the range is {ranges[0]}"]
        return [f"not a valid {'number' if sym.orig_type in (INT, HEX) else 'string'}"]

    def selects(self):
        """select reaches over dependencies: report where it went too far."""
        for sym in self.kconf.unique_defined_syms:
            if sym.orig_type is BOOL and expr_value(sym.rev_dep) > expr_value(sym.direct_dep):
                terms = unmet(sym.direct_dep)
                for by in selectors(sym):
                    self.error(self._select_place(by, sym), f"{by} selects {sym.name}",
                               f"asked {sym.name}=y, but what it depends on is off",
                               "unmet: " + "; ".join(terms),
                               f"{sym.name} is defined at {self.tree.place(sym.nodes[0])}")

    def _select_place(self, by, target):
        source = self.kconf.syms.get(by)
        if source:
            for node in source.nodes:
                if any(s is target for s, _ in node.selects):
                    return self.tree.place(node)
            return self.tree.place(source.nodes[0])
        return by

    def undefined(self):
        """Names in Config.uk files that no file defines."""
        for sym in self.kconf.unique_defined_syms:
            for node in sym.nodes:
                for kind, target in self._references(node):
                    if not target.nodes and not target.is_constant and not number(target.name) \
                            and target is not self.kconf.modules:
                        self._undefined(node, sym, kind, target.name)

    def _references(self, node):
        for target, cond in node.selects:
            yield "selects", target
            yield from (("names", s) for s in expr_items(cond) if isinstance(s, Symbol))
        for target, cond in node.implies:
            yield "implies", target
        yield from (("depends on", s) for s in expr_items(node.dep) if isinstance(s, Symbol))

    def _undefined(self, node, sym, kind, name):
        # From outside, a fragment may be written for several trees; and a
        # platform that is not there is one that is not selected.
        if kind != "selects" and (os.path.isabs(node.filename) or name.startswith("PLAT_")):
            return
        if kind == "selects" and not sym.tri_value:
            return
        near = self.tree.near(name)
        self.error(self.tree.place(node), f"{sym.name} {kind} {name}: no such option",
                   "did you mean " + " or ".join(near) + "?" if near else
                   "no Config.uk defines it; is a library missing from L=?")

    def app(self):
        """An application that is off because a library it needs is off."""
        folder = self.tree.args.app
        if not folder:
            return
        config = os.path.join(folder, "Config.uk")
        for sym in self.kconf.unique_defined_syms:
            here = [n for n in sym.nodes if os.path.join(self.tree.base, n.filename) == config]
            if here and sym.name.startswith("APP") and not prompts(sym) and sym.orig_type is BOOL \
                    and not sym.tri_value and unmet(sym.direct_dep):
                self.error(self.tree.place(here[0]), f"{sym.name}: asked \"y\", got \"n\"",
                           "the application needs what is off; unmet: "
                           + "; ".join(unmet(sym.direct_dep)))

    def platforms(self):
        """Whether any platform is on: without one there is no image."""
        return any(s.tri_value for s in self.kconf.unique_defined_syms
                   if re.fullmatch(r"PLAT_[A-Z0-9]+", s.name) and prompts(s))

    def image_name(self):
        """The name of the images becomes a part of paths, rules and commands."""
        sym = self.kconf.syms["UK_NAME"]
        name = sym.str_value or os.path.basename(self.tree.args.app)
        if not IMAGE_NAME.fullmatch(name):
            self.error(self.places.get("UK_NAME", self.tree.place(sym.nodes[0])),
                       f"CONFIG_UK_NAME: asked \"{name}\", which cannot name an image",
                       "it may have letters, digits, '.', '_' and '-', and begins with neither '.' nor '-'")

    def addresses(self):
        """PLAT_<X>_BASE is where an image begins: at a page."""
        for sym in self.kconf.unique_defined_syms:
            if re.fullmatch(r"PLAT_\w+_BASE", sym.name) and sym.orig_type is HEX and sym.str_value \
                    and int(sym.str_value, 16) % 4096:
                self.error(self.places.get(sym.name, self.tree.place(sym.nodes[0])),
                           f"CONFIG_{sym.name}: asked \"{sym.str_value}\"", "it has to be a multiple of 0x1000")

    def all(self):
        self.image_name()
        self.addresses()
        self.selects()
        self.undefined()
        self.app()


def number(name):
    return re.fullmatch(r"-?\d+|0[xX][0-9a-fA-F]+", name) is not None

