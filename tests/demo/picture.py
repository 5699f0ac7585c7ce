# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes docs/terminal.svg: runs a command on a terminal of its own and draws what it shows.

picture.py SVG SECONDS PROMPT COMMAND…   SECONDS: when the first of two pictures of the screen is taken
"""

import fcntl
import html
import os
import pty
import re
import struct
import sys
import termios
import time

COLUMNS, ROWS = 92, 24
TOKEN = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b[^\[]|([\r\n\b])|([^\x1b\r\n\b]+)")


class Screen:
    """As much of a terminal as a progress line needs."""

    def __init__(self):
        self.lines = [""]
        self.row = self.column = 0

    def feed(self, text):
        for match in TOKEN.finditer(text):
            arguments, letter, control, plain = match.groups()
            if control == "\r":
                self.column = 0
            elif control == "\n":
                self.row += 1
                self.column = 0
                while len(self.lines) <= self.row:
                    self.lines.append("")
            elif plain:
                line = self.lines[self.row].ljust(self.column)
                self.lines[self.row] = (line[:self.column] + plain
                                        + line[self.column + len(plain):])
                self.column += len(plain)
            elif letter == "K":
                kept = "" if arguments == "2" else self.lines[self.row][:self.column]
                self.lines[self.row] = kept
            elif letter == "A":
                self.row = max(0, self.row - int(arguments or 1))

    def text(self):
        return [line.rstrip() for line in self.lines if line.strip()]


def record(seconds, command):
    """The lines on the screen after so many seconds, and at the end."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    screen, early, start = Screen(), None, time.monotonic()
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            data = b""
        if not data:
            break
        screen.feed(data.decode("utf-8", "replace"))
        if early is None and time.monotonic() - start >= seconds:
            early = screen.text()
    os.waitpid(pid, 0)
    return early or screen.text(), screen.text()


def svg(lines):
    width, height = COLUMNS * 8.4 + 32, len(lines) * 20 + 56
    body = []
    for number, line in enumerate(lines):
        colour = "#8ae234" if line.startswith("$ ") else "#e6e6e6"
        body.append(f'<text x="16" y="{52 + 20 * number}" fill="{colour}" '
                    f'xml:space="preserve">{html.escape(line)}</text>')
    dots = "".join(f'<circle cx="{20 + 18 * i}" cy="16" r="6" fill="{c}"/>'
                   for i, c in enumerate(("#ff5f56", "#ffbd2e", "#27c93f")))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
            f'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">\n'
            f'<rect width="100%" height="100%" rx="8" fill="#1e2127"/>{dots}\n'
            + "\n".join(body) + "\n</svg>\n")


def main():
    path, seconds, prompt, *command = sys.argv[1:]
    early, late = record(float(seconds), command)
    lines = [f"$ {prompt}", *early, "", "a few seconds later:", *late]
    with open(path, "w", encoding="utf-8") as target:
        target.write(svg(lines))


if __name__ == "__main__":
    main()
