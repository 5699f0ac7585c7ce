# SPDX-License-Identifier: LGPL-2.1-or-later
"""dbus/generate.py writes the comments of the interfaces for others than callers over D-Bus: its rules, one by one, on
sentences that are made up, and what it refuses. Prints a line for each fault; the exit code is 1 when there is one.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "dbus"))
import generate  # pylint: disable=wrong-import-position
import properties  # pylint: disable=wrong-import-position

# A property, a sentence of its comment, what the library's reference says, what the manual says.
SENTENCES = [
    ("MaxSize", "fails with TooLarge, or after a Redirect", "fails with %SLUICE_ERROR_TOO_LARGE, or after a %SLUICE_ERROR_REDIRECT",
     "fails with *TooLarge*, or after a *Redirect*"),
    ("MaxSize", "see LocalPath. Digest is a word here. The Digest is a property",
     "see [property@Sluice.Download:local-path]. Digest is a word here. The [property@Sluice.Download:digest] is a property",
     "see *LocalPath*. Digest is a word here. The *Digest* is a property"),
    ("MaxSize", "MaxSize itself, and Suspended of the other interface",
     "MaxSize itself, and [property@Sluice.Manager:suspended] of the other interface",
     "MaxSize itself, and *Suspended* of the other interface"),
    ("HttpHeaders", "Last-Modified, a Content-Type and Host: all English", "Last-Modified, a Content-Type and Host: all English",
     "Last-Modified, a Content-Type and Host: all English"),
    ("Overwrite", "Start() and GetDownload(); RFC 9110 (section 1)",
     "[method@Sluice.Download.start_async] and [method@Sluice.Manager.get_download_async]; RFC 9110 (section 1)",
     "**start** and **get-download**; RFC 9110 (section 1)"),
    ("Uri", "in the states created, paused and failed, and in state retrying; failed is English",
     "in the states %SLUICE_STATE_CREATED, %SLUICE_STATE_PAUSED and %SLUICE_STATE_FAILED, and in state %SLUICE_STATE_RETRYING; "
     "failed is English",
     "in the states *created*, *paused* and *failed*, and in state *retrying*; failed is English"),
    ("Priority", '"low" or ""', "%SLUICE_PRIORITY_LOW or the empty string", "*low* or the empty text"),
    ("CostPolicy", '"no-roaming"', "`no-roaming`", "*no-roaming*"),
    ("ProgressPercent", "StatusChanged is true", "[signal@Sluice.Download::status-changed] is %TRUE",
     "*StatusChanged* is *true*"),
    ("BytesTotal", "18446744073709551615: ask for it", "%G_MAXUINT64: [method@Sluice.Download.refresh_async] asks for it",
     "18446744073709551615: ask for it"),
    ("CostPolicy", "see sluice.conf(5)", "see sluice.conf(5)", "see **sluice.conf**\\ (5)"),
]
# A property, and what stands in the comment of the library because of its type.
TYPES = [
    ("Download", "Deadline", "In microseconds since 1970 (UTC)."),
    ("Download", "HttpHeaders", "[struct@GLib.Variant] of the type `a{ss}`."),
    ("Download", "Priority", "[func@Sluice.Priority.to_string]"),
    ("Manager", "Suspended", "[method@Sluice.Manager.set_suspended_async] sets it."),
]
# A file, a text of it and what it is replaced by, what the generator then says.
REFUSED = [
    ("dbus/org.sluice.Sluice1.Download.xml", " MaxSize: ", " MaximumSize: ", "no comment above the property MaxSize"),
    ("dbus/org.sluice.Sluice1.Download.xml", 'property name="MaxSize"', 'property name="Most"', "above the property Most"),
    ("dbus/org.sluice.Sluice1.Download.xml", "whether Finalize()", "whether Finish()", "Overwrite: there is no method Finish()"),
    ("src/base/options.def", '"MaxSize"', '"Most"', "the interface has no property Most"),
    ("src/cli/create-options.c", '"MaxBytesPerSecond"', '"Most"', "--max-rate: there is no property Most"),
]


def check_texts():
    sources = properties.Sources(ROOT)
    library, manual = generate.ForLibrary(sources), generate.ForManual(sources)
    faults = []
    for name, sentence, for_library, for_manual in SENTENCES:
        own = sources.properties["Download"][name]
        faults += [f"“{sentence}” becomes “{found}” instead of “{wanted}”"
                   for found, wanted in ((library.write(own, sentence), for_library), (manual.write(own, sentence), for_manual))
                   if found != wanted]
    for interface, name, wanted in TYPES:
        text = " ".join(library.comment(sources.properties[interface][name]).replace(" * ", " ").split())
        if wanted not in text:
            faults.append(f"{name}: “{wanted}” is not in “{text}”")
    return faults


def check_refusals():
    faults = []
    for name, text, replacement, wanted in REFUSED:
        with tempfile.TemporaryDirectory() as directory:
            copy = pathlib.Path(directory)
            for part in ("dbus", "include", "src/base", "src/cli", "src/lib"):
                shutil.copytree(ROOT / part, copy / part)
            path = copy / name
            before = path.read_text(encoding="utf-8")
            path.write_text(before.replace(text, replacement), encoding="utf-8")
            made = subprocess.run(
                [sys.executable, "-B", copy / "dbus/generate.py", "download", copy, copy / "made.c"],
                capture_output=True, text=True, check=False)
            if before == path.read_text(encoding="utf-8"):
                faults.append(f"{name}: there is no {text}")
            if made.returncode == 0 or wanted not in made.stderr or (copy / "made.c").exists():
                faults.append(f"{replacement} in {name}: it ends with {made.returncode} and says “{made.stderr}”")
    return faults


found_faults = check_texts() + check_refusals()
print("\n".join(found_faults), end="\n" if found_faults else "")
sys.exit(1 if found_faults else 0)
