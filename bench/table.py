"""Puts what `bench/run` has measured together: RESULTS/results.json, and one table on standard output.

    table.py RESULTS
"""

import json
import os
import re
import sys
from statistics import median

TOOLS = ["limit", "floor", "kubani", "pyinfra", "mitogen", "ansible"]
HOSTS = [1, 4, 16, 64, 256]


def read(folder, name):
    path = f"{folder}/{name}.json"
    return json.load(open(path)) if os.path.exists(path) else {}


def medians(taken, key="wall"):
    return {name: median(one[key]) for name, one in taken.items()}


def text(path):
    return open(path).read() if os.path.exists(path) else ""


def collect(folder):
    found = {}
    for name in ("direct", "delayed"):
        found[name] = medians(read(folder, f"{name}-own")) | medians(read(folder, f"{name}-peers"))
    found["first"] = medians(read(folder, "first"))
    found["start"] = medians(read(folder, "start"))
    told = [int(n) for n in re.findall(r"round trips?=(\d+)", text(f"{folder}/told.log"))]
    found["round_trips"] = max(told, default=None)
    found["hosts"] = {}
    for hosts in HOSTS:
        taken = read(f"{folder}/crowd", f"hosts-{hosts}")
        if taken:
            found["hosts"][str(hosts)] = {
                "wall": medians(taken), "cpu": medians(taken, "cpu"), "rss": medians(taken, "rss")
            }
    cpu = read(f"{folder}/crowd", "cpu")
    found["cpu"] = medians(cpu, "cpu")
    found["cpu_rss"] = medians(cpu, "rss")
    cluster = read(f"{folder}/cluster", "none").get("results", [])
    found["cluster"] = {one["command"]: one["median"] for one in cluster}
    beginnings = re.findall(r"Recap after ([\d.]+) s", text(f"{folder}/cluster/begin.txt"))
    found["beginning"] = median(map(float, beginnings)) if beginnings else None
    return found


def seconds(value):
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def row(what, cells, base, target):
    """A line of a table: each tool's time and how many times the base it is."""
    line = [what]
    for tool in TOOLS:
        value = cells.get(tool)
        if value is None:
            line.append("")
        elif tool == base or base not in cells:
            line.append(seconds(value))
        else:
            line.append(f"{seconds(value)} ({value / cells[base]:.2f})")
    return line + [target]


def rows(found):
    lines = [["", *TOOLS, "target for kubani"]]
    if found["direct"]:
        lines.append(row("nothing to change, 4 nodes", found["direct"], "limit", "1.3 × limit"))
        lines.append(row("the same, 50 ms round trip", found["delayed"], "limit", "1.3 × limit"))
        lines.append(row("first apply, 4 nodes", found["first"], "limit", "1.5 × limit"))
        trips = found["round_trips"]
        lines.append(["round trips a node", "", "", str(trips), "", "", "", "2"])
    for hosts, one in found["hosts"].items():
        plural = "s" if hosts != "1" else ""
        lines.append(row(f"plan of {hosts} host{plural}", one["wall"], "floor", "grows as the floor"))
    if found["hosts"]:
        last, one = list(found["hosts"].items())[-1]
        lines.append([f"memory at {last} hosts", "", "", f"{one['rss']['kubani']:.0f} MB", "", "", "", "150 MB"])
    if found["cpu"]:
        bare, own = found["cpu"]["bare"], found["cpu"]["kubani"]
        lines.append(
            ["processor, 256 hosts x 100 tasks", seconds(bare), "", f"{seconds(own)} ({seconds(own - bare)} above)"]
            + ["", "", "", "1 s above"]
        )
    if found["start"]:
        lines.append(row("kubani --version", found["start"], "", "30 ms"))
    if found["cluster"]:
        lines.append(row("a cluster, nothing to change", found["cluster"], "limit", ""))
    if found["beginning"]:
        lines.append(row("a cluster's beginning, 3 nodes", {"kubani": found["beginning"]}, "", ""))
    return lines


def main(folder):
    found = collect(folder)
    with open(f"{folder}/results.json", "w") as file:
        json.dump(found, file, indent=1)
    lines = rows(found)
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    print("(n): times the limit; in the rows of many hosts, times the floor.")


main(*sys.argv[1:])
