#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""download.py ADDRESS FILE: by libsluice, step by step."""

import sys

import gi

gi.require_version("Sluice", "0.1")
from gi.repository import Gio, GLib, Sluice  # noqa: E402


class Example:
    def __init__(self, address, path):
        self.loop = GLib.MainLoop()
        self.address = address
        self.path = path
        self.error = None
        self.manager = None
        self.download = None

    def run(self):
        Sluice.Manager.new_async(Gio.BusType.SESSION, None, self.on_manager)
        self.loop.run()
        return self.error

    def end(self, error=None):
        self.error = error
        self.loop.quit()

    def on_manager(self, _source, result):
        try:
            self.manager = Sluice.Manager.new_finish(result)
        except GLib.Error as error:
            self.end(error.message)
            return
        properties = GLib.Variant("a{sv}", {
            "LocalPath": GLib.Variant("s", self.path),
            "AutoStart": GLib.Variant("b", True),
            "AutoFinalize": GLib.Variant("b", True),
        })
        self.manager.create_download_async(self.address, properties, None, self.on_created)

    def on_created(self, manager, result):
        try:
            self.download = manager.create_download_finish(result)
        except GLib.Error as error:
            self.end(error.message)
            return
        self.download.connect("status-changed", self.on_status)
        self.download.connect("notify::error", self.on_status)
        self.on_status(self.download)

    def on_status(self, download, *_details):
        state = download.props.state
        print(state.value_nick, download.props.bytes_transferred, flush=True)
        if state == Sluice.State.FINALIZED:
            self.end()
        elif state == Sluice.State.FAILED and download.props.error:
            self.end(download.props.error_message or download.props.error)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: download.py ADDRESS FILE")
    sys.exit(Example(sys.argv[1], GLib.canonicalize_filename(sys.argv[2], None)).run())
