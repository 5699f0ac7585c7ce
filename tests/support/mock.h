/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Services that the machine of a test doesn't have, played by python3-dbusmock on a private bus. Each is a process,
 * which can be stopped, begun again and held still; what it has at its start, it has again when it's begun again.
 * Values are text for g_variant_parse (), as "{'OnBattery': <true>}".
 */
#pragma once

#include "support/bus.h"

#include <string>

namespace st
{

/* A bus in a directory of its own, and a connection that commands the mocks on it. It may play the system bus. */
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
  /* Has the bus run a command of the shell when @name is called and isn't there (D-Bus activation). */
  void add_activation (const std::string &name, const std::string &command);

private:
  TempDir dir_;
  Bus bus_;
  Connection control_;
};

class Mock
{
public:
  /* Nothing, until it has objects and start () is called. */
  Mock (MockBus &bus, const std::string &name) : bus_ (bus), name_ (name)
  {
  }
  /* What one of dbusmock's templates plays, which has @name. */
  Mock (MockBus &bus, const std::string &name, const std::string &template_)
      : bus_ (bus), name_ (name), template_ (template_)
  {
  }

  /* Before start (). The first object is the main one: its object manager has those below it. */
  Mock &object (const std::string &path,
                const std::string &interface,
                const std::string &properties = "{}");
  /* @code: Python, with args[], self, and objects[] by path; it may set ret, or raise. */
  Mock &method (const std::string &path,
                const std::string &interface,
                const std::string &name,
                const std::string &in,
                const std::string &out,
                const std::string &code);

  /* Returns when its name is on the bus; @before is the unique name of the one that it takes it from. */
  void start (const std::string &before = "");
  /* As a crash, by SIGKILL; returns when its name is free. */
  void stop ();
  /* It keeps its name, but does nothing any more, until resume (). */
  void hang ();
  void resume ();

  /* While it runs; from here on a failure is the test's. */
  /* Changes properties and signals it. */
  void
  update (const std::string &path, const std::string &interface, const std::string &properties);
  /* Changes one, and tells nobody. */
  void set_quietly (const std::string &path,
                    const std::string &interface,
                    const std::string &name,
                    const std::string &value);
  /* @args: as a tuple, whose type gives the signature */
  void emit (const std::string &path,
             const std::string &interface,
             const std::string &name,
             const std::string &args);
  /* Any method of any object, qualified by its interface. */
  Reply call (const std::string &path, const std::string &method, const std::string &args = "()");
  /* How often a method was called. */
  int count_calls (const std::string &path, const std::string &method);

  /* The unique name of who has its name now; empty: nobody. */
  std::string owner ();

private:
  Reply call_with (const std::string &path, const std::string &method, GVariant *args);

  MockBus &bus_;
  std::string name_;
  std::string template_;             /* empty: the one that is told in the environment */
  std::vector<std::string> objects_; /* as the members of the environment's arrays */
  std::vector<std::string> methods_;
  Process process_;
};

} // namespace st
