# SPDX-License-Identifier: LGPL-2.1-or-later
"""generate.py WHAT ROOT OUTPUT [TEMPLATE]: makes a text of what the sources say of the properties; see properties.py.

WHAT  manager, download   the library's reference of the properties: comments of which the GIR is made
      manual              a page whose TEMPLATE has a line @OPTIONS@ or @PROPERTIES@
      bash, zsh           a completion of which TEMPLATE is the frame
      tests               the rows of tests/support/properties.h
ROOT is the project's directory. The build runs this; nothing that it makes is checked in.
"""

import pathlib
import re
import sys
import textwrap

from properties import Sources, dashed

STATE_WORD = "(?:created|queued|transferring|paused|retrying|failed|transferred|finalized|aborted)"
# What a text of the XML has in it besides words of English.
TOKEN = re.compile(
    r'"(?P<word>[^"]*)"'
    r"|\bstates?\b (?P<states>" + STATE_WORD + r"\b(?:(?:, | and | or )" + STATE_WORD + r"\b)*)"
    r"|\b(?P<call>[A-Z]\w+)\(\)"
    r"|(?P<page>\b[a-z][\w.]*)\((?P<section>\d)\)"
    r"|(?<![-\w])(?P<name>[A-Z][A-Za-z]*)(?![-\w])"
    r"|\b(?P<truth>true|false)\b"
    r"|(?P<most>18446744073709551615)"
    r"|\bask for (?P<ask>it|both)\b")
CHANGED = "Can be changed "
ALWAYS = "Can be changed until the download has ended."  # the manual says it of all of them
# What an empty value of a type is, as GVariant's text.
EMPTY = {"s": "''", "o": "objectpath '/'", "b": "false", "u": "uint32 0", "t": "uint64 0", "x": "int64 0"}


def wrap(text, first, rest, width=112):
    return textwrap.fill(text, width, initial_indent=first, subsequent_indent=rest, break_long_words=False,
                         break_on_hyphens=False)


def capitalize(text):
    return text[:1].upper() + text[1:]


class Words:
    """Writes a text of the XML for somebody else than callers over D-Bus; a subclass says how."""

    def __init__(self, sources):
        self.sources = sources

    def write(self, own, text):
        """@text, which is of the property @own."""
        return TOKEN.sub(lambda match: self.replace(own, match), text)

    def find_kind(self, own, match):
        """What a capitalized word is: a property, the name of a signal or an error, or None: a word of English."""
        name = match.group("name")
        begins = re.search(r"(^|[.:?] )$", match.string[:match.start()])
        if name == own.name or (begins and not re.search("[A-Z]", name[1:])):
            return None
        for interface in (own.interface, *self.sources.properties):
            if name in self.sources.properties[interface]:
                return self.sources.properties[interface][name]
        return name if name in self.sources.signals or name in self.sources.errors else None

    def replace(self, own, match):
        group = match.lastgroup
        if group == "word":
            return self.word(own, match.group("word")) if match.group("word") else self.empty()
        if group == "states":
            before = match.group()[:match.start("states") - match.start()]
            return before + re.sub(STATE_WORD, lambda state: self.state(state.group()), match.group("states"))
        if group == "name":
            kind = self.find_kind(own, match)
            return match.group() if kind is None else self.reference(kind)
        return getattr(self, group)(own, match)


class ForLibrary(Words):
    """The markup of gi-docgen, for a reader of C."""

    def word(self, own, word):
        return self.constant(own.enum, word) if own.enum else f"`{word}`"

    def constant(self, enum, word):
        return f"%SLUICE_{enum}_{word.upper().replace('-', '_')}"

    def empty(self):
        return "the empty string"

    def state(self, word):
        return self.constant("STATE", word)

    def call(self, own, match):
        name = match.group("call")
        if name not in self.sources.methods:
            sys.exit(f"{own.interface}.{own.name}: there is no method {name}()")
        return f"[method@Sluice.{self.sources.methods[name]}.{dashed(name).replace('-', '_')}_async]"

    def section(self, _own, match):
        return match.group()

    def reference(self, kind):
        if not isinstance(kind, str):
            return f"[property@Sluice.{kind.interface}:{kind.dashed}]"
        if kind in self.sources.signals:
            return f"[signal@Sluice.{self.sources.signals[kind]}::{dashed(kind)}]"
        return f"%SLUICE_ERROR_{self.sources.errors[kind]}"

    def truth(self, _own, match):
        return "%" + match.group().upper()

    def most(self, _own, _match):
        return "%G_MAXUINT64"

    def ask(self, own, match):
        return f"[method@Sluice.{own.interface}.refresh_async] asks for {match.group('ask')}"

    def describe_type(self, own):
        """What the XML leaves to the type, or to its conventions."""
        if own.type == "x":
            return " In microseconds since 1970 (UTC)."
        if own.enum and own.writable:
            return (" To set it, give the word of the bus, as "
                    f"[func@Sluice.{own.enum.capitalize()}.to_string] returns it.")
        if own.type not in EMPTY and own.type != "as":
            return f" A [struct@GLib.Variant] of the type `{own.type}`."
        if own.interface == "Manager" and own.writable:
            return f" [method@Sluice.Manager.set_{own.dashed.replace('-', '_')}_async] sets it."
        return ""

    def comment(self, own):
        blocks = []
        for part in own.text:
            if isinstance(part, list):
                blocks.append("\n".join(wrap(self.write(own, item), " * - ", " *   ") for item in part))
            else:
                more = "" if blocks else self.describe_type(own)
                blocks.append(wrap(capitalize(self.write(own, part)) + more, " * ", " * "))
        body = "\n *\n".join(blocks)
        return f"/**\n * Sluice{own.interface}:{own.dashed}:\n *\n{body}\n */\n"


def make_reference(sources, interface):
    writer = ForLibrary(sources)
    comments = [writer.comment(each) for each in sources.properties[interface].values() if not each.hidden]
    return f"/* Made by dbus/generate.py: the properties of Sluice{interface}. Not compiled. */\n\n" + "\n".join(comments)


class ForManual(Words):
    """reStructuredText, for a reader of sluicectl(1)."""

    def word(self, _own, word):
        return f"*{word}*"

    def empty(self):
        return "the empty text"

    def state(self, word):
        return f"*{word}*"

    def call(self, _own, match):
        return f"**{dashed(match.group('call'))}**"

    def section(self, _own, match):
        return f"**{match.group('page')}**\\ ({match.group('section')})"

    def reference(self, kind):
        return f"*{kind if isinstance(kind, str) else kind.name}*"

    def truth(self, _own, match):
        return f"*{match.group()}*"

    def most(self, _own, match):
        return match.group()

    ask = most

    def property(self, own, option):
        """The first paragraph, and in which states it can be changed."""
        kind = {"s": "text", "b": "true or false", "u": "number", "t": "number", "x": "time", "as": "list",
                "a{ss}": "dictionary"}[own.type]
        text = own.text[0]
        if len(own.text) > 1 and CHANGED in own.text[-1]:
            text += " " + own.text[-1][own.text[-1].index(CHANGED):]
        text = text.removesuffix(ALWAYS).strip()
        return f"**{own.name}** ({'word' if option.words and kind == 'text' else kind})\n" + \
            wrap(capitalize(self.write(own, text)), "   ", "   ")

    def switch(self, switch, words):
        """A line of the list of options."""
        argument = switch.argument if re.fullmatch(r"[A-Z]*", switch.argument) else switch.name.upper()
        names = (f"-{switch.letter}, " if switch.letter else "") + f"--{switch.name}" + (f"={argument}" if argument else "")
        example = r"“([^”]*)”" if "“" in switch.help else r"\b(\w*\d[\w:…]*)"
        text = re.sub(example, r"*\1*", switch.help[:1].lower() + switch.help[1:])
        for word in sorted(filter(None, words), key=len, reverse=True):
            text = re.sub(rf"(?<![-*\w]){word}(?![-*\w])", f"*{word}*", text)
        return f"{names}  {text}{'; ' + switch.manual if switch.manual else ''} (get, add)"


def make_manual(sources, template):
    writer = ForManual(sources)
    words = {option.name: option.words for option in sources.options}
    switches = "\n".join(writer.switch(each, words[each.property]) for each in sources.switches)
    options = "\n".join(writer.property(sources.properties["Download"][option.name], option)
                        for option in sources.options)
    return fill(template, {"OPTIONS": switches, "PROPERTIES": options})


def fill(template, values):
    """@template with each line that has @NAME@ in it filled: what is of several lines gets the line's indentation."""
    def put(match):
        if match.group(2) not in values:
            return match.group()
        return textwrap.indent(values[match.group(2)], match.group(1))
    text = re.sub(r"^( *)@([A-Z]+)@$", put, template, flags=re.MULTILINE)
    return re.sub(r"@([A-Z]+)@", lambda match: values.get(match.group(1), match.group()), text)


def names_of(switch):
    return ([f"-{switch.letter}"] if switch.letter else []) + [f"--{switch.name}"]


def list_values(sources):
    """Of properties that have few values: their names, and the values; booleans together."""
    found = [([option.name], list(filter(None, option.words)))
             for option in sources.options if option.words and option.kind == "ENUM"]
    return found + [([option.name for option in sources.options if option.type == "b"], ["true", "false"])]


def make_bash(sources, template):
    arms = []
    for names, values in list_values(sources):
        switches = [name for each in sources.switches if each.property in names and each.argument
                    for name in names_of(each)]
        arms.append(f"{' | '.join(switches + names)}) echo '{' '.join(values)}' ;;")
    kinds = {kind: " | ".join(name for each in sources.switches if each.kind == kind for name in names_of(each))
             for kind in ("FILE", "DIRECTORY")}
    return fill(template, {
        "PROPERTIES": wrap(" ".join(option.name for option in sources.options), "", ""),
        "OPTIONS": " ".join(f"--{each.name}" for each in sources.switches),
        "VALUES": "\n".join(arms),
        "FILES": kinds["FILE"], "DIRECTORIES": kinds["DIRECTORY"],
    })


def describe_for_zsh(switch, words):
    """A line for _arguments."""
    text = re.split(r"[:;(]| such as", switch.help[:1].lower() + switch.help[1:])[0].strip().rstrip(",")
    others = {"FILE": "DIRECTORY", "DIRECTORY": "FILE"}
    action = {"FILE": "_files", "DIRECTORY": "_files -/"}.get(switch.kind, f"({' '.join(words)})" if words else "")
    end = "=" if switch.argument else ""
    names = ",".join(name + (end if name.startswith("--") else "") for name in names_of(switch))
    argument = f":{switch.argument.lower() if switch.argument.isalpha() else switch.name}:{action}" if end else ""
    return text, others.get(switch.kind), names, argument


def make_zsh(sources, template):
    words = {option.name: list(filter(None, option.words)) for option in sources.options}
    lines = []
    for switch in sources.switches:
        text, other, names, argument = describe_for_zsh(switch, words[switch.property])
        excluded = [name for each in sources.switches if each.kind == other for name in names_of(each)]
        before = f"({' '.join(excluded)})" if excluded else "*" if switch.kind == "FIELDS" else ""
        if "," in names:
            lines.append((f"'{before}'" if before else "") + f"{{{names}}}'[{text}]{argument}'")
        else:
            lines.append(f"'{before}{names}[{text}]{argument}'")
    arms = [f"{' | '.join(names)}) values=({' '.join(values)}) ;;" for names, values in list_values(sources)]
    return fill(template, {
        "PROPERTIES": wrap(" ".join(option.name for option in sources.options), "", ""),
        "OPTIONS": "\n".join(lines),
        "VALUES": "\n".join(arms),
    })


def write_variant(kind, text):
    """A default, as GVariant's text."""
    if kind == "s":
        return f"'{text}'"
    if kind not in EMPTY:
        return f"@{kind} " + ("{}" if kind.startswith("a{") else "[]")
    return re.sub(r"\w+$", text, EMPTY[kind]) if text else EMPTY[kind]


def make_tests(sources):
    def quoted(strings):
        return "{" + ", ".join(f'"{text}"' for text in strings) + "}"
    options = {option.name: option for option in sources.options}
    rows = []
    for each in sources.properties["Download"].values():
        option = options.get(each.name)
        rows.append(f'    {{"{each.name}", "{each.type}", {"true" if each.writable else "false"}, '
                    f'"{write_variant(each.type, option.default if option else "")}", '
                    f'{quoted(option.words if option else [])}, {quoted(option.states if option else [])}}},')
    return "/* Made by dbus/generate.py. */\n" + "\n".join(rows) + "\n"


def check(sources):
    """Ends the program if there is not all that texts are made of."""
    downloads = sources.properties["Download"]
    for each in (*downloads.values(), *sources.properties["Manager"].values()):
        if not each.text:
            sys.exit(f"dbus/: there is no comment above the property {each.name} that begins with its name")
    for option in sources.options:
        if option.name not in downloads:
            sys.exit(f"base/options.def: the interface has no property {option.name}")
    options = {option.name for option in sources.options}
    for switch in sources.switches:
        if switch.property not in options:
            sys.exit(f"--{switch.name}: there is no property {switch.property} that can be written")


def main():
    what, root, output, *rest = sys.argv[1:]
    sources = Sources(root)
    check(sources)
    template = pathlib.Path(rest[0]).read_text(encoding="utf-8") if rest else ""
    if what in ("manager", "download"):
        text = make_reference(sources, what.capitalize())
    elif what == "tests":
        text = make_tests(sources)
    else:
        text = {"manual": make_manual, "bash": make_bash, "zsh": make_zsh}[what](sources, template)
    pathlib.Path(output).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main()
