# SPDX-License-Identifier: LGPL-2.1-or-later
"""The picture of docs/architecture.md: draws docs/architecture.svg from docs/architecture.picture.

picture.py --write [ROOT]  draws it
picture.py [ROOT]          checks that the drawing is up to date, and that its house is the one of tests/lint/rooms

Prints a line for each fault; the exit code is 1 if there is one. The layout is for DejaVu Sans, which is wider than the
other fonts that browsers may use.
"""

import pathlib
import sys
import textwrap
from xml.sax.saxutils import escape

sys.dont_write_bytecode = True
import house  # noqa: E402

ARGUMENTS = [word for word in sys.argv[1:] if word != "--write"]
ROOT = pathlib.Path(ARGUMENTS[0]).resolve() if ARGUMENTS else pathlib.Path(__file__).resolve().parents[2]
SOURCE = ROOT / "docs/architecture.picture"
DRAWN = ROOT / "docs/architecture.svg"
# Where the code of a room runs: its colour, the colour of its edge, and what the legend says.
GROUPS = {
    "outside": ("#e9ecef", "#868e96", "other processes"),
    "loop": ("#d6e6fb", "#3b76c4", "the service’s main loop"),
    "worker": ("#fde3cc", "#d9730d", "worker threads"),
    "thread": ("#e6dcf7", "#7a4fc0", "the store’s thread"),
    "ground": ("#e3efdc", "#5f9142", "every thread"),
    "bus": ("#ffffff", "#868e96", None),
}
WIDTH, MARGIN, GAP = 880, 18, 4
ROW, ROW_TOP = 70, 60  # height of a row of the house, and of its first one
STEP, TEXT_WIDTH = 27, 366  # height of a step, and the width of its text
INK, PALE = "#1f2933", "#52606d"
CHARACTER = 0.6  # average width, in ems


def read_source():
    """The rooms: name to (group, text); the rows of the house; the columns and the steps: (from, to, text)."""
    rooms, rows, columns, steps, in_house = {}, [], [], [], False
    for line in SOURCE.read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition(" ")
        if not line or kind == "#" or line == "#":
            in_house = False
        elif in_house:
            rows.append(line.split())
        elif kind == "house":
            in_house = True
        elif kind == "columns":
            columns = rest.split()
        else:
            words, text = rest.split(": ", 1)
            first, second = words.split()
            if kind == "room":
                rooms[first] = (second, text)
            else:
                steps.append((first, second, text))
    return rooms, rows, columns, steps


def text(x, y, words, size, anchor="start", colour=INK, bold=False):
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(words)}</text>'


def box(x, y, width, height, group):
    fill, edge, _ = GROUPS[group]
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4" fill="{fill}" stroke="{edge}"/>'


def draw_arrow(x, to, y, both=False):
    """A line from x to to, with a head there."""
    back = 5 if to > x else -5
    line = f'<path d="M{x:g} {y:g}H{to:g}M{to - back:g} {y - 4:g}L{to:g} {y:g}L{to - back:g} {y + 4:g}'
    if both:
        line += f'M{x + back:g} {y - 4:g}L{x:g} {y:g}L{x + back:g} {y + 4:g}'
    return line + f'" fill="none" stroke="{INK}" stroke-width="1.5"/>'


def draw_room(name, group, words, x, y, width, height):
    """Name and text, in the middle of the box."""
    if group == "bus":
        middle = y + height / 2
        return [text(x + width / 2, middle - 8, words, 11, "middle", PALE), draw_arrow(x - GAP, x + width + GAP, middle, True)]
    lines = textwrap.wrap(words, int((width - 12) / (11 * CHARACTER)))
    top = y + (height - 15 - 13 * len(lines)) / 2
    label = name if name == "program" else name + "/"
    return ([box(x, y, width, height, group), text(x + width / 2, top + 13, label, 14, "middle", bold=True)] +
            [text(x + width / 2, top + 28 + 13 * i, line, 11, "middle", PALE) for i, line in enumerate(lines)])


def draw_house(rooms, rows, top):
    unit = (WIDTH - 2 * MARGIN + GAP) / len(rows[0])
    tops = [top + (i and ROW_TOP + (i - 1) * ROW) for i in range(len(rows) + 1)]
    drawn = []
    for name, (group, words) in rooms.items():
        cells = [(i, j) for i, row in enumerate(rows) for j, cell in enumerate(row) if cell == name]
        (first, left), (last, right) = min(cells), max(cells)
        drawn += draw_room(name, group, words, MARGIN + left * unit, tops[first],
                           (right - left + 1) * unit - GAP, tops[last + 1] - tops[first] - GAP)
    x = MARGIN + 5 * unit
    for fill, edge, words in GROUPS.values():
        if words:
            drawn += [f'<rect x="{x:g}" y="{top + 8:g}" width="11" height="11" rx="2" fill="{fill}" stroke="{edge}"/>',
                      text(x + 16, top + 17.5, words, 10.5, colour=PALE)]
            x += 2.7 * unit
            if x > WIDTH - 2 * unit:
                x, top = MARGIN + 5 * unit, top + 22
    return drawn, tops[-1]


def draw_way(rooms, columns, steps, top):
    unit = (WIDTH - 2 * MARGIN - TEXT_WIDTH) / len(columns)
    middles = {name: MARGIN + TEXT_WIDTH + (i + 0.5) * unit for i, name in enumerate(columns)}
    bottom = top + 34 + len(steps) * STEP
    drawn = []
    for name, x in middles.items():
        fill, edge, _ = GROUPS[rooms[name][0]]
        label = name if name == "program" else name + "/"
        drawn += [f'<path d="M{x:g} {top + 24:g}V{bottom:g}" stroke="{edge}" stroke-dasharray="2 3"/>',
                  box(x - unit / 2 + 2, top, unit - 4, 24, rooms[name][0]),
                  text(x, top + 16, label, 11, "middle", bold=True)]
    for i, (first, second, words) in enumerate(steps):
        y = top + 34 + (i + 0.5) * STEP
        drawn += [f'<circle cx="{MARGIN + 10}" cy="{y:g}" r="9" fill="{INK}"/>',
                  text(MARGIN + 10, y + 4, str(i + 1), 10.5, "middle", "#ffffff", True),
                  text(MARGIN + 26, y + 4, words, 11.5),
                  draw_arrow(middles[first], middles[second], y)]
    return drawn, bottom


def draw():
    rooms, rows, columns, steps = read_source()
    first, bottom = draw_house(rooms, rows, 56)
    second, end = draw_way(rooms, columns, steps, bottom + 52)
    height = end + 16
    head = ['<?xml version="1.0" encoding="UTF-8"?>',
            "<!-- Drawn from architecture.picture: change that, and run ./dev format. -->",
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:g}" viewBox="0 0 {WIDTH} {height:g}" '
            'font-family="DejaVu Sans, Verdana, Helvetica, Arial, sans-serif">',
            "<title>The rooms of Sluice, and the way of a byte</title>",
            f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1:g}" rx="8" fill="#ffffff" stroke="#ced4da"/>',
            text(MARGIN, 34, "The rooms: each stands on those that it uses", 16, bold=True),
            text(MARGIN, bottom + 34, "The way of a byte", 16, bold=True)]
    return "\n".join(head + first + second + ["</svg>"]) + "\n"


def find_below(rows):
    """The rooms on which each room stands, directly or by another."""
    on = {name: set() for row in rows for name in row if name not in (".", "dbus", "program")}
    for upper, lower in zip(rows, rows[1:]):
        for name, other in zip(upper, lower):
            if name in on and other in on and name != other:
                on[name].add(other)
    return on, {name: house.find_reachable(on, name) for name in on}


def check():
    _, rows, _, _ = read_source()
    rules = {room: {other.split("/")[0] for other in others} - {"sluice-dbus.h"}
             for room, others in house.read_rules()["room"].items() if room != "."}
    rules["cli"].add("lib")  # by its public headers
    on, below = find_below(rows)
    faults = [f"the house that is drawn has no room {name}" for name in sorted(set(rules) - set(on))]
    faults += [f"the house that is drawn has a room {name}, which does not exist" for name in sorted(set(on) - set(rules))]
    for room in sorted(set(on) & set(rules)):
        faults += [f"{room} is drawn on {other}, but must not use it" for other in sorted(on[room] - rules[room])]
        faults += [f"{room} may use {other}, but is not drawn above it" for other in sorted(rules[room] - below[room])]
    if not faults and DRAWN.read_text(encoding="utf-8") != draw():
        faults.append("docs/architecture.svg is not what docs/architecture.picture says: run ./dev format")
    return faults


def main():
    if "--write" in sys.argv:
        DRAWN.write_text(draw(), encoding="utf-8")
        return 0
    faults = check()
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
