# SPDX-License-Identifier: LGPL-2.1-or-later
"""A template of python3-dbusmock for any service. support/mock.cc describes the service in the environment, so that all
of it exists as soon as the name does.

SLUICE_MOCK_NAME     the well-known name
SLUICE_MOCK_OBJECTS  a(ssa{sv}) as text: path, interface, properties; the first is the main object
SLUICE_MOCK_METHODS  a(ssssss) as text: path, interface, name, signatures in and out, code
"""
import os

import dbus
from dbusmock import mockobject
from gi.repository import GLib

BASIC = {
    'b': dbus.Boolean, 'y': dbus.Byte, 'n': dbus.Int16, 'q': dbus.UInt16, 'i': dbus.Int32, 'u': dbus.UInt32,
    'x': dbus.Int64, 't': dbus.UInt64, 'd': dbus.Double, 's': dbus.String, 'o': dbus.ObjectPath, 'g': dbus.Signature,
}


def parse(kind, name):
    return GLib.Variant.parse(GLib.VariantType.new(kind), os.environ[name], None, None)


def convert(value):
    """Converts for dbus-python, which otherwise guesses types."""
    kind = value.get_type_string()
    if kind in BASIC:
        return BASIC[kind](value.unpack())
    children = [value.get_child_value(i) for i in range(value.n_children())]
    if kind == 'v':
        return convert(children[0])
    if kind.startswith('a{'):
        pairs = [(child.get_child_value(0), child.get_child_value(1)) for child in children]
        return dbus.Dictionary({convert(key): convert(item) for key, item in pairs}, signature=kind[2:-1])
    items = [convert(child) for child in children]
    if kind.startswith('a'):
        return dbus.Array(items, signature=kind[1:])
    return dbus.Struct(items, signature=kind[1:-1])


OBJECTS = convert(parse('a(ssa{sv})', 'SLUICE_MOCK_OBJECTS'))
METHODS = convert(parse('a(ssssss)', 'SLUICE_MOCK_METHODS'))
BUS_NAME = os.environ['SLUICE_MOCK_NAME']
MAIN_OBJ, MAIN_IFACE = OBJECTS[0][:2]
IS_OBJECT_MANAGER = True
SYSTEM_BUS = True


def load(mock, _parameters):
    mockobject.objects[MAIN_OBJ] = mock
    for path, interface, properties in OBJECTS:
        if path not in mockobject.objects:
            mock.AddObject(path, interface, {}, [])
        mockobject.objects[path].AddProperties(interface, properties)
        mockobject.objects[path].props.setdefault(interface, {})
    for path, interface, *method in METHODS:
        mockobject.objects[path].AddMethod(interface, *method)
    for path in list(mockobject.objects):
        # changes a property without a signal
        mockobject.objects[path].AddMethod('org.sluice.Mock', 'SetQuietly', 'ssv', '',
                                           'self.props[args[0]][args[1]] = args[2]')
