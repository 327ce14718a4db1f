# SPDX-License-Identifier: BSD-3-Clause
"""Which terms of an expression keep it from being true."""
from kconfiglib import AND, NOT, OR, expr_str, expr_value, split_expr


def show(item):
    """A symbol or expression with its present value: LIBNET (=n)."""
    text = expr_str(item)
    if isinstance(item, tuple):
        return f"({text})" if item[0] in (AND, OR) else text
    if item.is_constant:
        return text
    return f"{text} (={item.str_value})" if item.nodes else f"{text} (not defined)"


def app_needs(item):
    """In words, what an APP_NEEDS_<X> of the application asks of platforms."""
    name = getattr(item, "name", None) or ""
    if not name.startswith("APP_NEEDS_"):
        return ""
    return f": the application needs {name[10:].capitalize()}, and this platform provides none"


def unmet(expr):
    """The smallest parts of a conjunction that are false, as text."""
    out = []
    for term in split_expr(expr, AND):
        if expr_value(term):
            continue
        if isinstance(term, tuple) and term[0] is OR:
            parts = split_expr(term, OR)
            out.append("one of " + ", ".join(show(p) for p in parts))
        elif isinstance(term, tuple) and term[0] is NOT:
            out.append(f"!{show(term[1])}{app_needs(term[1])}")
        elif isinstance(term, tuple):
            out.append(f"{expr_str(term)}, where " + ", ".join(
                show(t) for t in term[1:] if not t.is_constant))
        else:
            out.append(show(term))
    return list(dict.fromkeys(out))


def selectors(sym):
    """Names of the symbols that select sym at the moment."""
    out = []
    for term in split_expr(sym.rev_dep, OR):
        if expr_value(term):
            first = split_expr(term, AND)[0]
            out.append(expr_str(first))
    return list(dict.fromkeys(out))


def prompts(sym):
    """Menu nodes of sym that have a prompt."""
    return [n for n in sym.nodes if n.prompt]


def why_hidden(sym):
    """What keeps all prompts of sym from being offered."""
    out = []
    for node in prompts(sym):
        out += unmet(node.prompt[1])
    return list(dict.fromkeys(out))
