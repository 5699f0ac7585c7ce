# SPDX-License-Identifier: LGPL-2.1-or-later
"""What names the options of a download names all of them, and says the same of each.

The table (src/base/options.def) says which there are. Compared with it are the properties that the D-Bus interface lets one
write, with their types; the reference of the library, which is of all properties; and the list of the manual page and the
completion of bash. Prints a line for each difference; the exit code is 1 when there is one.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree

ROOT = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
TYPES = {"TEXT": "s", "ENUM": "s", "BOOLEAN": "b", "UINT32": "u", "UINT64": "t", "INT64": "x", "SET": "as",
         "FIELDS": "a{ss}"}
# NUMBER, type, member, KIND, "Property"
ROW = re.compile(r'^OPTION \(\w+, [^,]+, \w+, (\w+), "(\w+)"', re.MULTILINE)


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def read_table():
    return {name: TYPES[kind] for kind, name in ROW.findall(read("src/base/options.def"))}


def read_interface():
    """The properties: name to type, of those that can be written, and of all."""
    tree = xml.etree.ElementTree.parse(ROOT / "dbus/org.sluice.Sluice1.Download.xml")
    properties = list(tree.iter("property"))
    return ({p.get("name"): p.get("type") for p in properties if p.get("access") != "read"},
            {p.get("name") for p in properties})


def read_reference():
    names = re.findall(r"^ \* SluiceDownload:([a-z0-9-]+):$", read("src/lib/sluice-download-properties.c"), re.MULTILINE)
    return {"".join(word.capitalize() for word in name.split("-")) for name in names}


def read_manual():
    lines = re.findall(r"^\| (?:Strings|Booleans|Numbers|Lists|Times): (.*)$", read("docs/man/sluicectl.1.rst"), re.MULTILINE)
    return {name for line in lines for name in re.sub(r"\([^)]*\)", "", line).replace(" ", "").split(",")}


def read_completion():
    return set(re.search(r"local properties='([^']*)'", read("data/completions/bash/sluicectl")).group(1).split())


def compare(what, found, wanted):
    return ([f"{what} has no {name}" for name in sorted(wanted - found)] +
            [f"{what} has {name}, which is none" for name in sorted(found - wanted)])


def main():
    table = read_table()
    writable, all_properties = read_interface()
    faults = compare("the D-Bus interface (properties that can be written)", set(writable), set(table))
    faults += [f"{name} is of type {writable[name]} on the bus, and of {kind} in the table"
               for name, kind in table.items() if writable.get(name, kind) != kind]
    faults += compare("the reference of libsluice", read_reference(), all_properties)
    faults += compare("the list of sluicectl(1)", read_manual(), set(table))
    faults += compare("the completion of bash", read_completion(), set(table))
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults or not table else 0


sys.exit(main())
