# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures each figure that Sluice promises, against curl and aria2 in the same run.

Prints a table and writes JSON. The exit code is 0 if each figure is reached.
"""

import argparse
import json
import os
import pathlib
import platform
import signal
import sys
import time
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))

import harness  # noqa: E402
import rows  # noqa: E402


class Bench:
    """What each row needs: the programs, the number of runs, and the data."""

    def __init__(self, options):
        build = pathlib.Path(options.build).resolve()
        self.runs = options.runs
        self.sluiced = build / "src" / "sluiced"
        self.sluicectl = build / "src" / "cli" / "sluicectl"
        self.load_client = build / "tests" / "bench" / "load-client"
        self.flip_client = build / "tests" / "bench" / "flip-client"
        self.floor = build / "tests" / "bench" / "floor"
        self.link_emulator = build / "tests" / "bench" / "link-emulator"
        self.data = harness.Data()


def show(result):
    verdict = "pass" if result["pass"] else "FAIL"
    print(f"{verdict}  {result['name']:<14} {result['what']}")
    print(f"      {result['measured']}; target {result['target']}", flush=True)


def machine():
    cpu = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    return {"cpu": cpu, "cores": os.cpu_count(), "kernel": platform.release(),
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def measure(names, bench):
    results = []
    for name in names:
        try:
            found = rows.ROWS[name](bench)
        except Exception:  # pylint: disable=broad-except
            traceback.print_exc()
            found = [{"name": name, "what": "could not be measured", "measured": "nothing",
                      "target": "a figure", "pass": False}]
        for result in found:
            show(result)
        results += found
    return results


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__,
                                     epilog="rows: " + " ".join(rows.ROWS))
    parser.add_argument("--build", required=True, help="the build directory")
    parser.add_argument("--runs", type=int, default=5, help="how often each row is run (default: 5)")
    parser.add_argument("--json", help="the file for the figures (default: bench.json in the build directory)")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a row (default: all rows)")
    options = parser.parse_args()
    unknown = set(options.names) - set(rows.ROWS)
    if unknown:
        parser.error(f"no such row: {' '.join(unknown)}; there are {' '.join(rows.ROWS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    bench = Bench(options)
    try:
        results = measure(options.names or list(rows.ROWS), bench)
    finally:
        bench.data.remove()
    path = pathlib.Path(options.json or pathlib.Path(options.build) / "bench.json")
    path.write_text(json.dumps({"machine": machine(), "rows": results}, indent=2) + "\n")
    reached = sum(result["pass"] for result in results)
    print(f"{reached} of {len(results)} figures reached; written to {path}")
    return 0 if reached == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
