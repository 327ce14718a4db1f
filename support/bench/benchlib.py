# SPDX-License-Identifier: BSD-3-Clause
"""What the benchmarks on a real Xen share."""

# Milliseconds by dom0's clock: created, then attached until Connected
START = """
now() { echo $(($(date +%%s%%N) / 1000000)); }
t0=$(now); xl create -q /root/%(name)s.xl; t1=$(now)
%(attach)s && xs-wait %(fe)s/state 4 || exit; t2=$(now)
echo $((t1 - t0)) $((t2 - t0))
"""


def time_start(rig, name, attach, fe):
    """@attach: a command of dom0's; @fe: where the front end of it is in xenstore."""
    words = {"name": name, "attach": attach, "fe": fe}
    created, connected = rig.run(START % words, timeout=300).out.split()[-2:]
    return {"xl create, ms": created, "xl create to Connected, ms": connected}


def time_start_linux(rig, name, attach, fe, be, nodes):
    """It serves when its start scripts are done; then what a hotplug script would write is
    written. @be: directory of the back end below its domain's, where @nodes are to be written."""
    ready = f"/var/log/xen/console/guest-{name}.log"
    return time_start(rig, name, f"until grep -q '^guest ready' {ready}; do sleep 0.05; done; "
                      f"{attach} && be=/local/domain/$(xl domid {name})/{be} && "
                      f"xenstore-write {' '.join(f'$be/{node}' for node in nodes)}", fe)


def run_shared(rig, command, timeout=900):
    """What a command in dom0 prints, and how the CPU was shared meanwhile:
    "ddpv 20 %, Domain-0 80 %"."""
    mark = "=== "
    out = rig.run(f"xl list; echo '{mark}'; {command}; echo '{mark}'; xl list",
                  timeout=timeout).out
    before, printed, after = out.split(mark)
    used = {}
    for sign, rows in ((-1, before), (1, after)):
        for line in rows.strip().splitlines()[1:]:
            name, *_, seconds = line.split()
            used[name] = used.get(name, 0) + sign * float(seconds)
    total = sum(used.values())
    return printed.strip(), ", ".join(f"{name} {100 * s / total:.0f} %"
                                      for name, s in used.items())


class Table:
    """Figures as they come, a line each; all of them side by side at the end."""

    def __init__(self, subjects):
        self._subjects = subjects
        self._rows = {}

    def add(self, subject, what, value, remark=""):
        self._rows.setdefault(what, {})[subject] = value
        print(f"# {subject:6} {what:38} {value:>7}   {remark}".rstrip(), flush=True)

    def show(self):
        print(f"{'':38}" + "".join(f"{subject:>9}" for subject in self._subjects))
        for what, values in self._rows.items():
            cells = "".join(f"{values.get(subject, '-'):>9}" for subject in self._subjects)
            print(f"{what:38}{cells}", flush=True)
