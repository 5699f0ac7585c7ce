# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table of options, the D-Bus interface and the command line say the same of each option of a download.

The table (src/base/options.def) says which options there are. The interface has a property for each, of the same type, whose
text says the default, the states in which it can be changed, and the words that it can have. The options of the command line
(src/cli/create-options.c) set properties of the table, and their help says the words.

options.py         prints a line for each difference
options.py --self  looks whether it finds the differences that it is for

The exit code is 1 when there is a line.
"""

import pathlib
import re
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "dbus"))
from properties import STATES, Sources  # pylint: disable=wrong-import-position

CHANGED = {"CREATED": "Can be changed in state created",
           "STOPPED": "Can be changed in the states created, paused and failed",
           "LIVE": "Can be changed until the download has ended"}
# The types of the properties that an option of the command line can set.
KINDS = {"SWITCH": "b", "TEXT": "s", "DIGEST": "s", "FILE": "s", "DIRECTORY": "s", "RATE": "t", "TIME": "x",
         "FIELDS": "a{ss}"}
XML = "dbus/org.sluice.Sluice1.Download.xml"
# A file, what is replaced in it and by what, and the line that has to come of it.
DIFFERENCES = [
    ("src/base/options.def", r"^OPTION \(MAX_SIZE,.*$", "", "the table has no MaxSize"),
    (XML, r'property name="MaxSize"', 'property name="LeastSize"', "the interface has no MaxSize"),
    (XML, r'"MaxSize" type="t"', '"MaxSize" type="u"', "MaxSize is of type u in the interface, and of t in the table"),
    (XML, r'"MaxSize" type="t" access="readwrite"', '"MaxSize" type="t" access="read"', "the interface has no MaxSize"),
    (XML, r"  MaxSize: ", "  MaximumSize: ", "the interface does not say what MaxSize means"),
    (XML, r"\bMaxSize:([^;]*); 0", r"MaxSize:\1; 1", "MaxSize: no default of 0 in the text"),
    (XML, r"true by default", "false by default", "Persistent: no default of true in the text"),
    (XML, r'"allow", the default', '"allow"', 'RedirectPolicy: no default of "allow" in the text'),
    ("src/base/options.def", r'("max_size", 0, )LIVE', r"\1CREATED", "MaxSize: no “Can be changed in state created”"),
    (XML, r'"no-surcharge"', "no-surcharge", 'CostPolicy: no "no-surcharge" in the text'),
    ("src/base/enums.c", r'"low"', '"least"', 'Priority: no "least" in the text'),
    ("src/cli/create-options.c", r'"MaxBytesPerSecond"', '"MaxBytes"', "--max-rate: the table has no MaxBytes"),
    ("src/cli/create-options.c", r'KIND_RATE, *\n', "KIND_TIME,\n", "--max-rate: MaxBytesPerSecond is not of type x"),
    ("src/cli/create-options.c", "high, normal or low", "high or low", "--priority: no normal in the help"),
]


def check_text(option, text):
    """What the text of a property lacks that the table says."""
    faults = []
    default = f'"{option.default}"' if option.kind == "ENUM" else option.default
    if default and not re.search(rf"{re.escape(default)}(, the default| by default)", text):
        faults.append(f"{option.name}: no default of {default} in the text")
    changed = next(CHANGED[name] for name, states in STATES.items() if states == option.states)
    if changed not in text:
        faults.append(f"{option.name}: no “{changed}” in the text")
    return faults + [f'{option.name}: no "{word}" in the text' for word in option.words if f'"{word}"' not in text]


def check_switch(switch, options):
    option = options.get(switch.property)
    if option is None:
        return [f"--{switch.name}: the table has no {switch.property}"]
    if option.type != KINDS[switch.kind]:
        return [f"--{switch.name}: {option.name} is not of type {KINDS[switch.kind]}"]
    return [f"--{switch.name}: no {word} in the help" for word in option.words
            if not re.search(rf"(?<![-\w]){re.escape(word)}(?![-\w])", switch.help)]


def flatten(paragraphs):
    return " ".join(text if isinstance(text, str) else " ".join(text) for text in paragraphs)


def check(root):
    sources = Sources(root)
    options = {option.name: option for option in sources.options}
    properties = sources.properties["Download"]
    writable = {name for name, each in properties.items() if each.writable}
    faults = [f"the table has no {name}" for name in sorted(writable - set(options))]
    faults += [f"the interface has no {name} that can be written" for name in sorted(set(options) - writable)]
    faults += [f"the interface does not say what {each.name} means"
               for interface in sources.properties.values() for each in interface.values() if not each.text]
    for name in sorted(writable & set(options)):
        if properties[name].type != options[name].type:
            faults.append(f"{name} is of type {properties[name].type} in the interface, and of {options[name].type} in the table")
        faults += check_text(options[name], flatten(properties[name].text))
    for switch in sources.switches:
        faults += check_switch(switch, options)
    return faults if options and sources.switches else ["nothing is found"]


def check_itself():
    faults = []
    for name, pattern, replacement, wanted in DIFFERENCES:
        with tempfile.TemporaryDirectory() as directory:
            for part in ("dbus", "include", "src/base", "src/cli", "src/lib"):
                shutil.copytree(ROOT / part, pathlib.Path(directory) / part)
            path = pathlib.Path(directory) / name
            text = path.read_text(encoding="utf-8")
            changed = re.sub(pattern, replacement, text, count=1, flags=re.MULTILINE)
            found = check(directory)
            if changed == text or found:
                faults.append(f"{name}: this has no {pattern}, or is wrong already: {found}")
            path.write_text(changed, encoding="utf-8")
            found = check(directory)
            if not any(line.startswith(wanted) for line in found):
                faults.append(f"instead of “{wanted}” it finds {found}")
    return faults


def main():
    faults = check_itself() if sys.argv[1:] == ["--self"] else check(ROOT)
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


sys.exit(main())
