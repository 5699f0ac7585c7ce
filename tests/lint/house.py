# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rules of the house that no other linter knows.

house.py rooms [SRC]   no room includes one that it must not know (the file "rooms" says which)
house.py circles [SRC] no files use each other in a circle
house.py fixtures      the checks of rooms and circles find exactly the faults of the fixtures
house.py files         every file says what it is, and none is too long
house.py functions     no function is too long

Prints a line for each fault; the exit code is 1 if there is one.
"""

import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FUNCTION_LINES = 100
FILE_LINES = 600
TEST_LINES = 1200
# in two parts, so that reuse does not take it for a licence line
SPDX = "SPDX-License-" "Identifier: LGPL-2.1-or-later"
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# A function that is not static, as clang-format writes it: its type has a line of its own.
DEFINITION = re.compile(r"^(?!static\b)\w[\w *]*\n(?!main\b)(\w+) \(", re.MULTILINE)


def read_rules():
    rules = {"room": {}, "library": {}, "word": []}
    for line in (HERE / "rooms").read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        kind, rest = line.split(" ", 1)
        name, _, values = rest.partition(":")
        if kind == "word":
            rules["word"].append((name, re.compile(values.strip())))
        else:
            rules[kind][name] = values.split()
    return rules


def include_fault(rules, room, kind, header):
    """The fault of one include of one room; None if there is none."""
    for start, rooms in rules["library"].items():
        if header.startswith(start):
            return None if room in rooms else f"{header} is not for {room}"
    if kind == "<":
        return None
    if header == "config.h" or "/" not in header:
        return None if room == "." or header == "config.h" or room in ("lib", "cli") \
            else f'"{header}" does not name its room'
    other = header.split("/")[0]
    if other == room or header in rules["room"][room] or other in rules["room"][room]:
        return None
    return f"{room} must not know {header}"


def check_file(rules, room, path, name):
    faults = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        fault = include_fault(rules, room, *match.groups()) if match else None
        if fault:
            faults.append(f"{name}:{number}: {fault}")
        for where, word in rules["word"]:
            if where == room and not match and word.search(line):
                faults.append(f"{name}:{number}: {room} must not say {word.search(line).group()}")
    return faults


def check_rooms(src):
    rules = read_rules()
    faults = []
    for path in sorted(src.rglob("*.[ch]")):
        parts = path.relative_to(src).parts
        room = parts[0] if len(parts) > 1 else "."
        if room not in rules["room"]:
            faults.append(f"{path}: there is no room called {room}")
        else:
            faults += check_file(rules, room, path, path.relative_to(src.parent))
    return faults


def read_uses(src):
    """
    The files of SRC that each file of SRC uses, by name without suffix, because a.c and a.h belong together: those that it
    includes, and those that define functions that it mentions, from whichever header.
    """
    texts, definers = {}, {}
    for path in sorted(src.rglob("*.[ch]")):
        name = path.relative_to(src).with_suffix("").as_posix()
        text = COMMENT.sub("", path.read_text())
        texts[name] = texts.get(name, "") + text
        definers.update((function, name) for function in DEFINITION.findall(text))
    uses = {}
    for name, text in texts.items():
        included = {header[:-2] for _, header in re.findall(INCLUDE.pattern, text, re.MULTILINE)}
        mentioned = {definers[word] for word in re.findall(r"\w+", text) if word in definers}
        uses[name] = {other for other in included | mentioned if other in texts and other != name}
    return uses


def find_reachable(uses, start):
    reachable, waiting = set(), [start]
    while waiting:
        for other in uses[waiting.pop()] - reachable:
            reachable.add(other)
            waiting.append(other)
    return reachable


def check_circles(src):
    """In a circle each file leads to each other file. A private header that two files share belongs to it, too."""
    uses = read_uses(src)
    reachable = {name: find_reachable(uses, name) for name in uses}
    circles = {frozenset(other for other in reachable[name] if name in reachable[other])
               for name in uses if name in reachable[name]}
    return [f"{', '.join(sorted(circle))}: use each other in a circle"
            for circle in sorted(circles, key=sorted)]


def check_fixtures():
    """The first line of a file in fixtures/ says how many faults it must have: "expect: N"."""
    faults = []
    for source in sorted((HERE / "fixtures").iterdir()):
        files = list(source.rglob("*.c"))
        wanted = sum(int(re.search(r"expect: (\d+)", path.read_text()).group(1)) for path in files)
        found = check_rooms(source) + check_circles(source)
        if not files or len(found) != wanted:
            faults.append(f"{source.name}: {len(found)} faults found instead of {wanted}: {found}")
    return faults


def tracked(*patterns):
    """Files that git tracks or would add; every file if there is no git."""
    try:
        output = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
            cwd=ROOT, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return [path for pattern in patterns for path in ROOT.rglob(pattern)]
    return [ROOT / name for name in sorted(set(output.split("\0"))) if name and (ROOT / name).exists()]


def check_files():
    faults = []
    for path in tracked("*.c", "*.h", "*.cc", "*.cpp", "*.py"):
        if "fixtures" in path.parts:
            continue
        name, text = path.relative_to(ROOT), path.read_text()
        lines = text.splitlines()
        if SPDX not in "\n".join(lines[:3]):
            faults.append(f"{name}: no licence in its first lines ({SPDX})")
        if not any(re.match(r'\s*(/\*|//|"""|#)', line) for line in lines[1:5]):
            faults.append(f"{name}: does not say in a first comment what it is")
        allowed = FILE_LINES if name.parts[0] in ("src", "include") else TEST_LINES
        if len(lines) > allowed:
            faults.append(f"{name}: {len(lines)} lines, {allowed} are allowed")
        if re.search(r"\b(TODO|FIXME|XXX)\b", text) and path.name != "house.py":
            faults.append(f"{name}: something is left to do")
    return faults


def check_functions():
    names = [str(path) for path in tracked("*.c", "*.cc", "*.cpp")]
    output = subprocess.run(
        ["ctags", "--output-format=json", "--fields=+ne", "--kinds-C=f", "--kinds-C++=f",
         "-o", "-", *names], check=True, capture_output=True, text=True).stdout
    faults = []
    for line in output.splitlines():
        tag = json.loads(line)
        length = tag.get("end", tag["line"]) - tag["line"] + 1
        if length > FUNCTION_LINES and not tag["name"].endswith("_class_init"):
            name = pathlib.Path(tag["path"]).relative_to(ROOT)
            faults.append(f"{name}:{tag['line']}: {tag['name']} has {length} lines, "
                          f"{FUNCTION_LINES} are allowed")
    return faults


def main():
    what = sys.argv[1] if len(sys.argv) > 1 else ""
    if what in ("rooms", "circles"):
        check = check_rooms if what == "rooms" else check_circles
        faults = check(pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else ROOT / "src")
    else:
        checks = {"fixtures": check_fixtures, "files": check_files, "functions": check_functions}
        if what not in checks:
            sys.exit(__doc__)
        faults = checks[what]()
    print("\n".join(faults))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
