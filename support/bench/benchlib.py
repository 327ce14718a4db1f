# SPDX-License-Identifier: BSD-3-Clause
"""What the benchmarks on a real Xen share."""


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
