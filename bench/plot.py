"""Draws what `bench/run` has measured.

    plot.py RESULTS.json PICTURE.svg
"""

import json
import math
import sys

INK, FAINT = "#444", "#ccc"
COLOURS = {
    "limit": "#999", "floor": "#777", "kubani": "#0a7d5a", "pyinfra": "#c9a227", "mitogen": "#c46a2b", "ansible": "#b03a2e"
}
NAMES = {
    "limit": "limit (libssh2)", "floor": "floor (OpenSSH)", "kubani": "kubani", "pyinfra": "pyinfra",
    "mitogen": "Ansible + Mitogen", "ansible": "Ansible",
}


def label(x, y, text, anchor="start", size=12, colour=INK, weight="normal"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}" '
        f'font-weight="{weight}">{text}</text>'
    )


def seconds(value):
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def bars(found, left, top, width, title):
    """Times on a logarithmic scale, 0.1 to 100 s."""
    drawn = [label(left, top, title, weight="bold")]
    origin, scale = left + 130, (width - 190) / 3
    x = lambda value: origin + scale * (math.log10(value) + 1)
    tools = [tool for tool in NAMES if tool in found]
    bottom = top + 12 + 24 * len(tools)
    for power, name in ((0.1, "0.1 s"), (1, "1 s"), (10, "10 s"), (100, "100 s")):
        drawn.append(f'<path d="M{x(power):.1f} {top + 8}V{bottom}" stroke="{FAINT}"/>')
        drawn.append(label(x(power), bottom + 14, name, "middle", 11))
    for i, tool in enumerate(tools):
        y = top + 14 + 24 * i
        drawn.append(label(origin - 8, y + 13, NAMES[tool], "end"))
        drawn.append(
            f'<rect x="{origin:.1f}" y="{y}" width="{max(1, x(found[tool]) - origin):.1f}" height="17" '
            f'fill="{COLOURS[tool]}"/>'
        )
        drawn.append(label(x(found[tool]) + 5, y + 13, seconds(found[tool]), size=11))
    return drawn


def growth(hosts, left, top, width, height):
    """Time by hosts, both logarithmic."""
    drawn = [label(left, top, "Time by hosts (all of them on one machine of 2 cores)", weight="bold")]
    counts = [int(n) for n in hosts]
    times = [value for one in hosts.values() for value in one["wall"].values()]
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    right, bottom = left + width - 110, top + height
    x = lambda n: left + 50 + (right - left - 50) * math.log(n, 4) / math.log(max(counts), 4)
    y = lambda value: bottom - (height - 20) * (math.log10(value) - low) / (high - low)
    for power in range(low, high + 1):
        drawn.append(f'<path d="M{left + 50} {y(10**power):.1f}H{right}" stroke="{FAINT}"/>')
        drawn.append(label(left + 44, y(10**power) + 4, f"{10**power:g} s", "end", 11))
    for n in counts:
        drawn.append(label(x(n), bottom + 16, str(n), "middle", 11))
    for tool in ("floor", "kubani"):
        points = [(x(n), y(hosts[str(n)]["wall"][tool])) for n in counts]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[tool]}" stroke-width="2"/>')
        drawn += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{COLOURS[tool]}"/>' for a, b in points]
        last = hosts[str(counts[-1])]["wall"][tool]
        shift = 12 if last == min(hosts[str(counts[-1])]["wall"].values()) else -4
        drawn.append(label(right + 8, points[-1][1] + shift, f"{tool} {seconds(last)}", colour=COLOURS[tool], size=11))
    return drawn


def main(results, picture):
    found = json.load(open(results))
    drawn = bars(found["direct"], 20, 24, 640, "Twenty tasks on four nodes, nothing to change")
    drawn += bars(found["delayed"], 20, 224, 640, "The same with a round trip of 50 ms")
    drawn += growth(found["hosts"], 20, 424, 640, 190)
    with open(picture, "w") as file:
        file.write(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 650" font-family="sans-serif">\n'
            '<rect width="680" height="650" fill="#fff"/>\n' + "\n".join(drawn) + "\n</svg>\n"
        )


main(*sys.argv[1:])
