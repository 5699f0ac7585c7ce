/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mocks of services that a test machine lacks, by python3-dbusmock on a private bus. Each is a process that can be
 * stopped, restarted and paused; it has its initial state again after a restart. Values are text for g_variant_parse
 * (), such as "{'OnBattery': <true>}".
 */
#pragma once

#include "support/bus.h"

#include <string>

namespace st
{

/* A bus in a separate directory, and a connection that controls the mocks on it. It can be used as the system bus. */
class MockBus
{
public:
  MockBus ();
  const std::string &
  address () const
  {
    return bus_.address ();
  }
  Connection &
  control ()
  {
    return control_;
  }
  const TempDir &
  dir () const
  {
    return dir_;
  }
  /* Makes the bus run a shell command when @name is called and has no owner (D-Bus activation). */
  void add_activation (const std::string &name, const std::string &command);

private:
  TempDir dir_;
  Bus bus_;
  Connection control_;
};

class Mock
{
public:
  /* Does nothing until it has objects and start () is called. */
  Mock (MockBus &bus, const std::string &name) : bus_ (bus), name_ (name)
  {
  }
  /* A mock from one of dbusmock's templates, with the bus name @name. */
  Mock (MockBus &bus, const std::string &name, const std::string &template_)
      : bus_ (bus), name_ (name), template_ (template_)
  {
  }

  /* Call it before start (). The first object is the main one: its object manager has the objects below it. */
  Mock &object (const std::string &path,
                const std::string &interface,
                const std::string &properties = "{}");
  /* @code: Python with args[], self, and objects[] by path; it can set ret, or raise. */
  Mock &method (const std::string &path,
                const std::string &interface,
                const std::string &name,
                const std::string &in,
                const std::string &out,
                const std::string &code);

  /* Returns when its name is on the bus. @before: the unique name of the present owner, which it replaces. */
  void start (const std::string &before = "");
  /* Kills it with SIGKILL, like a crash; returns when its name is free. */
  void stop ();
  /* Pauses it: it keeps its name, but does nothing until resume (). */
  void hang ();
  void resume ();

  /* For a running mock; from here on a failure fails the test. */
  /* Changes properties, with the signal. */
  void
  update (const std::string &path, const std::string &interface, const std::string &properties);
  /* Changes one property without the signal. */
  void set_quietly (const std::string &path,
                    const std::string &interface,
                    const std::string &name,
                    const std::string &value);
  /* @args: a tuple; its type is the signature */
  void emit (const std::string &path,
             const std::string &interface,
             const std::string &name,
             const std::string &args);
  /* Calls a method of any object; @method is qualified by its interface. */
  Reply call (const std::string &path, const std::string &method, const std::string &args = "()");
  /* How often a method was called. */
  int count_calls (const std::string &path, const std::string &method);

  /* The unique name of the present owner of its name; empty: none. */
  std::string owner ();

private:
  Reply call_with (const std::string &path, const std::string &method, GVariant *args);

  MockBus &bus_;
  std::string name_;
  std::string template_;             /* empty: the template that reads the environment */
  std::vector<std::string> objects_; /* the members of the array in the environment */
  std::vector<std::string> methods_;
  Process process_;
};

} // namespace st
