# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the checks of the test cases, tests/support/list-cases and compare-cases, with wrong sources and programs, which
they must find. Also checks that every line of tests/privileged matches an existing case.
Prints a line for each fault; the exit code is 1 if there is one.
"""

import pathlib
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent.parent
SUPPORT = TESTS / "support"
PRIVILEGED = "# a comment\n\nTwo.*\nThree.First\n"
# Source, expected output of list-cases, expected part of its error message.
SOURCES = [
    ("TEST (One, First)\n{\n}\n\nTEST_F (Two,\n        Second)\n", "One.First\nTwo.Second privileged\n", ""),
    ("TEST (Three, First)\nTEST (Three, FirstAgain)\n", "Three.First privileged\nThree.FirstAgain\n", ""),
    ("namespace\n{\n  TEST (One, Inside)\n}\n", "One.Inside\n", ""),
    ("/* TEST (One, Mentioned) */\nint test;\n", "", "no test case in it"),
    ("TEST (One, First)\nTEST_P (One, Second)\n", "", "source.cc:2: TEST_P"),
    ("TYPED_TEST (One, First)\n", "", "source.cc:1: TYPED_TEST"),
    ("TYPED_TEST_SUITE_P (One);\n", "", "source.cc:1: TYPED_TEST_SUITE_P"),
    ("TEST (One, First)\n{\n  GTEST_SKIP () << 1;\n}\n", "", "source.cc:3: GTEST_SKIP"),
]
LISTED = ("Running main() from gtest_main.cc\nOne.\n  First\n  DISABLED_Second\n"
          "Many/Three.  # TypeParam = int\n  Case/0  # GetParam() = 1\n")
# Listed cases, the cases that meson runs, and the expected line of compare-cases; empty: no fault.
COMPARED = [
    (LISTED.replace("DISABLED_", ""), ["One.First", "One.Second", "Many/Three.Case/0"], ""),
    (LISTED, ["One.First", "One.DISABLED_Second", "Many/Three.Case/0"], "One.DISABLED_Second: is disabled"),
    (LISTED, ["One.First", "One.DISABLED_Second"], "Many/Three.Case/0: is in the program"),
    ("One.\n  First\n", ["One.First", "One.Gone"], "One.Gone: is a test of meson"),
    ("One.\n  First\n", ["One.First", "One.First"], "One.First: is there twice"),
    ("", [], "lists no case"),
]


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)


def check_listing(directory):
    source, privileged = directory / "source.cc", directory / "privileged"
    privileged.write_text(PRIVILEGED)
    for text, printed, complaint in SOURCES:
        source.write_text(text)
        result = run(SUPPORT / "list-cases", privileged, source)
        if result.stdout != printed or complaint not in result.stderr or bool(complaint) != bool(result.returncode):
            yield f"list-cases of {text!r}: {result.returncode}, {result.stdout!r}, {result.stderr!r}"


def check_comparing(directory):
    program = directory / "program"
    for listed, cases, complaint in COMPARED:
        program.write_text(f"#!/bin/sh\n[ \"$1\" = --gtest_list_tests ] && cat <<'END'\n{listed}END\n")
        program.chmod(0o755)
        result = run(SUPPORT / "compare-cases", program, *cases)
        if complaint not in result.stdout or bool(complaint) != bool(result.returncode):
            yield f"compare-cases of {listed!r} and {cases}: {result.returncode}, {result.stdout}{result.stderr}"


def check_privileged():
    """Each pattern by itself, over all sources that have cases."""
    sources = [path for room in ("unit", "integration") for path in sorted((TESTS / room).glob("*.cc"))
               if "\nTEST" in path.read_text()]
    for pattern in (TESTS / "privileged").read_text().splitlines():
        if not pattern or pattern.startswith("#"):
            continue
        with tempfile.NamedTemporaryFile("w") as alone:
            alone.write(pattern)
            alone.flush()
            if " privileged" not in run(SUPPORT / "list-cases", alone.name, *sources).stdout:
                yield f"tests/privileged: there is no case {pattern}"


def main():
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        faults = [*check_listing(directory), *check_comparing(directory), *check_privileged()]
    print("\n".join(faults))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
