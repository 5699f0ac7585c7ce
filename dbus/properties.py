# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the sources say of the properties of the D-Bus interfaces.

The XML in dbus/ says what each property means. base/options.def says which of them are options, base/enums.c which words
they have, the library's notes[] what is special about its own properties, and cli/create-options.c which options of the
command line set one. generate.py makes texts of all this, and tests/lint/options.py looks whether the XML and the table
agree.
"""

import dataclasses
import pathlib
import re
import xml.etree.ElementTree as tree

INTERFACES = ("Manager", "Download")
TYPES = {"TEXT": "s", "ENUM": "s", "BOOLEAN": "b", "UINT32": "u", "UINT64": "t", "INT64": "x", "SET": "as",
         "FIELDS": "a{ss}"}
# As in base/options.c.
STATES = {"CREATED": ["created"], "STOPPED": ["created", "paused", "failed"],
          "LIVE": ["created", "paused", "failed", "queued", "transferring", "retrying", "transferred"]}
STRING = r'"(?:[^"\\]|\\.)*"'
# What stands between two commas.
PART = re.compile(r'(?:' + STRING + r'|\((?:' + STRING + r'|[^()"])*\)|[^,("])+', re.DOTALL)
# In braces, with the comment above it.
ROW = re.compile(r'(?:/\*\s*((?:(?!\*/).)*?)\s*\*/\s*)?\{((?:' + STRING + r'|[^{}"])*)\}', re.DOTALL)


@dataclasses.dataclass
class Property:
    """One of an interface. Its text is a list of paragraphs; a paragraph is a text, or a list of texts."""
    interface: str
    name: str
    type: str
    writable: bool
    announced: bool  # by PropertiesChanged, when it changes
    text: list
    enum: str = ""  # in the library: the word of its type, such as "STATE"
    hidden: bool = False  # in the library

    @property
    def dashed(self):
        """Its name in the library."""
        return dashed(self.name)


@dataclasses.dataclass
class Option:
    """A row of base/options.def."""
    number: str
    kind: str
    name: str
    states: list
    words: list
    default: str  # as the XML writes it; empty for what is empty

    @property
    def type(self):
        return TYPES[self.kind]


@dataclasses.dataclass
class Switch:
    """An option of the command line that sets a property."""
    name: str
    letter: str
    property: str
    kind: str
    help: str
    argument: str  # empty: it has none
    manual: str  # what the manual says besides


def dashed(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def split(text):
    """The parts of a list of C, between its commas."""
    return [part.strip() for part in PART.findall(text)]


def join_strings(text):
    """What the string literals in @text are together."""
    return "".join(literal[1:-1].replace('\\"', '"') for literal in re.findall(STRING, text, re.DOTALL))


def paragraphs(comment):
    """Paragraphs are parted by empty lines; the lines of a list begin with dashes."""
    found = []
    for block in re.split(r"\n\s*\n", comment.strip()):
        items = [" ".join(item.split()) for item in re.split(r"^\s*- ", block, flags=re.MULTILINE)]
        found.append(items[1:] if block.lstrip().startswith("- ") else items[0])
    return found


def read_notes(root, interface):
    """What the library does with some properties: by name, the rest of the row."""
    text = (root / f"src/lib/sluice-{interface.lower()}.c").read_text(encoding="utf-8")
    notes = re.search(r"SlPropertyNote notes\[\] = \{(.*?)\n\};", text, re.DOTALL).group(1)
    return dict(re.findall(r'\{"(\w+)", ([^}]*)\}', notes))


def read_interface(root, interface):
    """The properties, and the names of methods and signals."""
    parser = tree.XMLParser(target=tree.TreeBuilder(insert_comments=True))
    parsed = tree.parse(root / f"dbus/org.sluice.Sluice1.{interface}.xml", parser)
    notes = read_notes(root, interface)
    found, comment = [], ""
    for node in parsed.find("interface"):
        if node.tag is tree.Comment:
            comment = node.text
        elif node.tag == "property":
            name, _, text = comment.strip().partition(":")
            note = notes.get(node.get("name"), "")
            enum = re.search(r"sluice_(\w+)_get_type", note)
            found.append(Property(interface, node.get("name"), node.get("type"), node.get("access") != "read",
                                  node.find("annotation").get("value") != "false",
                                  paragraphs(text) if name == node.get("name") else [],
                                  enum.group(1).upper() if enum else "", "hidden" in note))
            comment = ""
    return found, [{node.get("name") for node in parsed.iter(tag)} for tag in ("method", "signal")]


def read_words(root):
    """Of base/enums.c, by the name of the list: priority is foreground, high, …"""
    text = (root / "src/base/enums.c").read_text(encoding="utf-8")
    arrays = {name: [join_strings(part) for part in split(body) if part]
              for name, body in re.findall(r"char \*const (\w+)\[\] = \{(.*?)\};", text, re.DOTALL)}
    return {name: arrays[array] for name, array in re.findall(r"SlWords (\w+) = WORDS \((\w+)\)", text)}


def read_default(kind, extras, words):
    """Of a row with these members; an enumeration's constant ends as its word does."""
    initial = re.search(r"\.initial = (\w+)", extras)
    initial = initial.group(1) if initial else "0"
    if kind == "BOOLEAN":
        return "true" if initial == "TRUE" else "false"
    if kind == "ENUM":
        named = [word for word in words if word and initial.endswith("_" + word.upper().replace("-", "_"))]
        return named[0] if named else words[0]
    return initial if kind in ("UINT32", "UINT64", "INT64") else ""


def read_options(root):
    text = (root / "src/base/options.def").read_text(encoding="utf-8")
    all_words, options = read_words(root), []
    for body in re.findall(r"^OPTION \((.*?)\)$", text, re.DOTALL | re.MULTILINE):
        number, _, _, kind, name, _, _, states, *extras = split(body)
        words = re.search(r"\.words = &(\w+)", " ".join(extras))
        words = all_words[words.group(1)] if words else []
        options.append(Option(number, kind, join_strings(name), STATES[states], words,
                              read_default(kind, " ".join(extras), words)))
    return options


def read_switches(root):
    text = (root / "src/cli/create-options.c").read_text(encoding="utf-8")
    body = re.search(r"Row rows\[\] = \{(.*?)\n\};", text, re.DOTALL).group(1)
    switches = []
    for comment, row in ROW.findall(body):
        name, letter, name_of_property, kind, text_of_help, argument = split(row)
        switches.append(Switch(join_strings(name), letter.strip("'") if letter != "0" else "",
                               join_strings(name_of_property), kind.removeprefix("KIND_"), join_strings(text_of_help),
                               join_strings(argument), " ".join(comment.split())))
    return switches


class Sources:
    """All of it. root: the directory of the project."""

    def __init__(self, root):
        root = pathlib.Path(root)
        self.properties, self.methods, self.signals = {}, {}, {}
        for interface in INTERFACES:
            found, (methods, signals) = read_interface(root, interface)
            self.properties[interface] = {each.name: each for each in found}
            self.methods.update((name, interface) for name in methods)
            self.signals.update((name, interface) for name in signals)
        self.options = read_options(root)
        self.switches = read_switches(root)
        errors = (root / "include/sluice/sluice-error.h").read_text(encoding="utf-8")
        self.errors = {"".join(word.capitalize() for word in name.split("_")): name
                       for name in re.findall(r"^  SLUICE_ERROR_(\w+),$", errors, re.MULTILINE)}
