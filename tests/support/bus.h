/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A private message bus, connections to it, and their signals and replies. */
#pragma once

#include "support/files.h"
#include "support/process.h"

#include <cstdint>
#include <gio/gio.h>
#include <memory>
#include <string>
#include <vector>

namespace st
{

/* A reference-counted GVariant, or NULL. Takes floating references. */
class Value
{
public:
  Value () = default;
  Value (GVariant *value)
      : value_ (value != nullptr ? g_variant_take_ref (value) : nullptr,
                [] (GVariant *v) { g_clear_pointer (&v, g_variant_unref); })
  {
  }
  GVariant *
  get () const
  {
    return value_.get ();
  }
  explicit operator bool () const
  {
    return value_ != nullptr;
  }
  /* The n-th member of a tuple, array or variant. */
  Value operator[] (std::size_t n) const;
  std::string str () const; /* s, o */
  std::vector<std::string> strv () const;
  std::uint64_t number () const; /* u, t, b, x */
  std::string print () const;

private:
  std::shared_ptr<GVariant> value_;
};

/* The outcome of a call. */
struct Reply {
  Value value;          /* the tuple */
  std::string error;    /* name of the D-Bus error; without the service's prefix, if it has that */
  std::string message;  /* of the error */
  std::size_t seen = 0; /* how many signals the connection had received before it */
  explicit operator bool () const
  {
    return error.empty ();
  }
};

/* The properties of CreateDownload. */
class Properties
{
public:
  Properties &add (const std::string &name, GVariant *value);
  Properties &add (const std::string &name, const std::string &value);
  Properties &add (const std::string &name, const char *value);
  Properties &add (const std::string &name, bool value);
  Properties &add_u (const std::string &name, std::uint32_t value);
  Properties &add_t (const std::string &name, std::uint64_t value);
  Properties &add_strv (const std::string &name, const std::vector<std::string> &value);
  /* (transfer floating) a{sv} */
  GVariant *build () const;

private:
  std::vector<std::pair<std::string, Value>> values_;
};

struct Signal {
  std::string path;
  std::string interface;
  std::string member;
  Value args;
};

/* A client of the bus. Signals are collected while the main loop runs. */
class Connection
{
public:
  explicit Connection (const std::string &address);
  Connection (const Connection &) = delete;
  Connection &operator= (const Connection &) = delete;
  ~Connection ();

  Reply call (const std::string &path,
              const std::string &method,
              GVariant *args = nullptr,
              double seconds = 25);
  Reply call_on (const std::string &name,
                 const std::string &path,
                 const std::string &method,
                 GVariant *args = nullptr,
                 double seconds = 25);
  /* Properties of the service's object. */
  Reply get (const std::string &path, const std::string &property);
  Reply set (const std::string &path, const std::string &property, GVariant *value);
  GDBusConnection *
  raw () const
  {
    return connection_;
  }
  std::string name () const;

  std::vector<Signal> signals; /* in order of arrival */
  int count (const std::string &path, const std::string &member) const;

private:
  static void on_signal (GDBusConnection *,
                         const char *,
                         const char *,
                         const char *,
                         const char *,
                         GVariant *,
                         gpointer);
  GDBusConnection *connection_;
  guint subscription_;
};

extern const char kName[];        /* org.sluice.Sluice1 */
extern const char kManagerPath[]; /* /org/sluice/Sluice1 */
extern const char kManager[];     /* the interfaces */
extern const char kDownload[];
extern const char kError[]; /* prefix of the errors' names */

/* The interface of the object at @path. */
std::string interface_of (const std::string &path);

class Bus
{
public:
  /* @services: a directory of activation files; empty: none */
  explicit Bus (const std::string &dir, const std::string &services = "");
  const std::string &
  address () const
  {
    return address_;
  }

private:
  std::string address_;
  Process process_;
};

} // namespace st
