/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A server over raw sockets that does whatever a test wants, however wrong; one thread for each connection. By
 * default it serves resources as RFC 9110 requires. It records all requests.
 */
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace st
{

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Request {
  int connection; /* from 0 */
  int visit;      /* number of the request for this target, from 0 */
  std::string method;
  std::string target;
  Fields fields; /* as received */

  /* @name in any case; empty if missing. */
  std::string header (const std::string &name) const;
  bool has (const std::string &name) const;
  /* The first byte, and the one after the last; UINT64_MAX: to the end. */
  std::optional<std::pair<std::uint64_t, std::uint64_t>> range () const;
};

struct Resource {
  std::string body;
  std::string etag = "\"v1\"";
  std::string last_modified = "Wed, 01 Jan 2025 00:00:00 GMT";
  bool ranges = true;
  Fields fields = {}; /* additional fields */
};

/* How a body is sent. */
struct Pace {
  std::size_t cut_after = SIZE_MAX;  /* bytes after which the connection is closed */
  std::size_t hold_after = SIZE_MAX; /* bytes after which it waits for Server::release () */
  std::size_t rate = 0;              /* bytes a second; 0: as fast as possible */
  bool until_release = false;        /* Server::release () ends the rate */
};

class Server;

/* One request and its response; used in the connection's thread. */
class Exchange
{
public:
  Exchange (Server &server, int fd, const Request &request_)
      : request (request_), server_ (server), fd_ (fd)
  {
  }
  /* The same exchange, as if @as_if had been requested. */
  Exchange (const Exchange &other, const Request &as_if)
      : request (as_if), server_ (other.server_), fd_ (other.fd_), keep_ (other.keep_)
  {
  }
  const Request &request;

  /* Sends the bytes unchanged. Ends the handler if the peer is gone. */
  void send (std::string_view bytes);
  /* Sends a head with Content-Length, and a body. */
  void answer (const std::string &status, const Fields &fields = {}, std::string_view body = {});
  /* Responds like a correct server. */
  void respond (const Resource &resource, const Pace &pace = {});
  void send_body (std::string_view body, const Pace &pace);
  /* Closes the connection after the handler. */
  void
  close ()
  {
    keep_ = false;
  }
  /* Ends the connection now, with a reset. */
  void reset ();
  /* Waits for Server::release (), or until the peer or the server ends. */
  void hold ();
  void pause (double seconds);
  bool
  is_kept () const
  {
    return keep_;
  }

private:
  Server &server_;
  int fd_;
  bool own_keep_ = true;
  bool &keep_ = own_keep_;
};

using Handler = std::function<void (Exchange &)>;

class Server
{
public:
  explicit Server (const std::string &address = "127.0.0.1", int port = 0);
  Server (const Server &) = delete;
  Server &operator= (const Server &) = delete;
  ~Server ();

  void on (const std::string &target, const Handler &handler);
  void serve (const std::string &target, const Resource &resource, const Pace &pace = {});
  std::string url (const std::string &target) const;
  int
  port () const
  {
    return port_;
  }

  std::vector<Request> requests ();
  std::vector<Request> requests (const std::string &target);
  int count (const std::string &target);
  /* The number of open connections, and of all since the start. */
  int open_connections ();
  int connections ();
  /*
   * The number of simultaneous requests: now, and at most. Requests whose peer has closed the connection don't count.
   */
  int busy ();
  int busiest ();
  /* The number of body bytes sent with respond () and send_body (). */
  std::uint64_t body_bytes ();
  /* Ends all present and future calls of hold (). */
  void release ();
  void stop ();

private:
  friend class Exchange;
  struct Connection {
    int fd;
    bool open = true;
    std::thread thread;
  };
  void accept_all ();
  void talk (Connection *connection, int number);
  bool read_request (int fd, std::string *buffer, Request *request);
  Handler take (Request *request);
  void perform (Exchange *exchange, const Handler &handler, int fd);
  int count_busy ();
  bool wait_stopped (double seconds, bool until_release, int fd);

  int listen_fd_ = -1;
  int port_ = 0;
  std::string host_;
  std::thread acceptor_;
  std::mutex mutex_;
  std::list<Connection> connections_;
  int n_connections_ = 0;
  std::set<int> busy_; /* their descriptors */
  int busiest_ = 0;
  std::map<std::string, Handler> handlers_;
  std::vector<Request> requests_;
  std::uint64_t body_bytes_ = 0;
  bool stopping_ = false;
  bool released_ = false;
  std::condition_variable changed_;
};

/* "Wed, 01 Jan 2025 00:00:00 GMT": the time in @seconds_from_now. */
std::string http_date (long seconds_from_now);

} // namespace st
