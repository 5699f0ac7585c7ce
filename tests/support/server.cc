/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The server that misbehaves on demand. */
#include "support/server.h"

#include "support/loop.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

namespace st
{

namespace
{
/* The peer, or the server itself, ended the connection. */
struct Gone {
};
} // namespace

std::string
Request::header (const std::string &name) const
{
  for (const auto &[field, value] : fields) {
    if (strcasecmp (field.c_str (), name.c_str ()) == 0)
      return value;
  }
  return "";
}

bool
Request::has (const std::string &name) const
{
  return std::any_of (fields.begin (), fields.end (), [&] (const auto &field) {
    return strcasecmp (field.first.c_str (), name.c_str ()) == 0;
  });
}

std::optional<std::pair<std::uint64_t, std::uint64_t>>
Request::range () const
{
  unsigned long long first = 0, last = 0;
  int n = std::sscanf (header ("Range").c_str (), "bytes=%llu-%llu", &first, &last);

  if (n < 1)
    return std::nullopt;
  return std::pair<std::uint64_t, std::uint64_t> (first, n == 2 ? last + 1 : UINT64_MAX);
}

/* The exchange. */

void
Exchange::send (std::string_view bytes)
{
  while (!bytes.empty ()) {
    ssize_t n = ::send (fd_, bytes.data (), bytes.size (), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      throw Gone ();
    bytes.remove_prefix ((std::size_t)n);
  }
}

static std::string
make_head (const std::string &status, const Fields &fields)
{
  std::string head = "HTTP/1.1 " + status + "\r\n";

  for (const auto &[name, value] : fields)
    head += name + ": " + value + "\r\n";
  return head + "\r\n";
}

void
Exchange::answer (const std::string &status, const Fields &fields, std::string_view body)
{
  Fields all = fields;

  all.emplace_back ("Content-Length", std::to_string (body.size ()));
  send (make_head (status, all));
  send_body (body, {});
}

void
Exchange::respond (const Resource &resource, const Pace &pace)
{
  auto range = request.range ();
  std::string condition = request.header ("If-Range");
  Fields fields = resource.fields;
  std::uint64_t size = resource.body.size ();

  if (!resource.etag.empty ())
    fields.emplace_back ("ETag", resource.etag);
  if (!resource.last_modified.empty ())
    fields.emplace_back ("Last-Modified", resource.last_modified);
  if (resource.ranges)
    fields.emplace_back ("Accept-Ranges", "bytes");
  if (!resource.ranges)
    range.reset ();
  /* a weak ETag never matches (RFC 9110, section 13.1.5) */
  if (!condition.empty () && (condition.rfind ("W/", 0) == 0 ||
                              (condition != resource.etag && condition != resource.last_modified)))
    range.reset ();
  if (range && range->first >= size) {
    fields.emplace_back ("Content-Range", "bytes */" + std::to_string (size));
    answer ("416 Range Not Satisfiable", fields);
    return;
  }
  std::uint64_t start = range ? range->first : 0;
  std::uint64_t end = range ? std::min (range->second, size) : size;
  if (range)
    fields.emplace_back ("Content-Range", "bytes " + std::to_string (start) + "-" +
                                              std::to_string (end - 1) + "/" +
                                              std::to_string (size));
  fields.emplace_back ("Content-Length", std::to_string (end - start));
  send (make_head (range ? "206 Partial Content" : "200 OK", fields));
  send_body (std::string_view (resource.body).substr (start, end - start), pace);
}

void
Exchange::send_body (std::string_view body, const Pace &pace)
{
  std::size_t limit = std::min ({body.size (), pace.cut_after, pace.hold_after});
  std::size_t slice = pace.rate != 0 ? std::max<std::size_t> (pace.rate / 20, 1) : 65536;
  double wait = pace.rate != 0 ? (double)slice / (double)pace.rate : 0;

  for (std::size_t sent = 0; sent < limit;) {
    std::size_t n = std::min (slice, limit - sent);
    send (body.substr (sent, n));
    sent += n;
    {
      std::lock_guard<std::mutex> lock (server_.mutex_);
      server_.body_bytes_ += n;
    }
    wake ();
    if (wait > 0 && sent < body.size () && !server_.wait_stopped (wait, pace.until_release, fd_))
      throw Gone ();
  }
  if (limit < body.size () && pace.hold_after == limit) {
    hold ();
    send (body.substr (limit));
  } else if (limit < body.size ()) {
    close ();
  }
}

void
Exchange::reset ()
{
  struct linger linger = {1, 0};

  setsockopt (fd_, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  throw Gone ();
}

void
Exchange::hold ()
{
  if (!server_.wait_stopped (3600, true, fd_))
    throw Gone ();
}

void
Exchange::pause (double seconds)
{
  if (!server_.wait_stopped (seconds, false, fd_))
    throw Gone ();
}

/* The server. */

Server::Server (const std::string &address, int port)
{
  bool v6 = address.find (':') != std::string::npos;
  struct sockaddr_in6 in6 = {};
  struct sockaddr_in in4 = {};
  struct sockaddr *name = v6 ? (struct sockaddr *)&in6 : (struct sockaddr *)&in4;
  socklen_t size = v6 ? sizeof in6 : sizeof in4;
  int yes = 1;

  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons ((std::uint16_t)port);
  in4.sin_family = AF_INET;
  in4.sin_port = htons ((std::uint16_t)port);
  inet_pton (v6 ? AF_INET6 : AF_INET, address.c_str (),
             v6 ? (void *)&in6.sin6_addr : (void *)&in4.sin_addr);
  listen_fd_ = socket (v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt (listen_fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind (listen_fd_, name, size) != 0 || listen (listen_fd_, 128) != 0 ||
      getsockname (listen_fd_, name, &size) != 0)
    throw std::runtime_error ("listening on " + address + ": " + strerror (errno));
  port_ = ntohs (v6 ? in6.sin6_port : in4.sin_port);
  host_ = v6 ? "[" + address + "]" : address;
  acceptor_ = std::thread ([this] { accept_all (); });
}

Server::~Server ()
{
  stop ();
}

void
Server::stop ()
{
  {
    std::lock_guard<std::mutex> lock (mutex_);
    if (stopping_)
      return;
    stopping_ = true;
    for (Connection &connection : connections_) {
      if (connection.open)
        shutdown (connection.fd, SHUT_RDWR);
    }
  }
  changed_.notify_all ();
  shutdown (listen_fd_, SHUT_RDWR);
  acceptor_.join ();
  ::close (listen_fd_);
  for (Connection &connection : connections_)
    connection.thread.join ();
}

void
Server::accept_all ()
{
  for (;;) {
    int fd = accept4 (listen_fd_, nullptr, nullptr, SOCK_CLOEXEC);
    int yes = 1;
    if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
      continue;
    std::lock_guard<std::mutex> lock (mutex_);
    if (fd < 0 || stopping_) {
      if (fd >= 0)
        ::close (fd);
      return;
    }
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    Connection &connection = connections_.emplace_back ();
    connection.fd = fd;
    int number = n_connections_++;
    connection.thread = std::thread ([this, &connection, number] { talk (&connection, number); });
    wake ();
  }
}

static void
parse_fields (const std::string &head, Request *request)
{
  std::size_t line = head.find ("\r\n");
  std::size_t space = head.find (' '), second = head.find (' ', space + 1);

  request->method = head.substr (0, space);
  request->target = head.substr (space + 1, second - space - 1);
  while (line != std::string::npos && line + 2 < head.size ()) {
    std::size_t start = line + 2, colon = head.find (':', start);
    line = head.find ("\r\n", start);
    if (colon == std::string::npos || line == std::string::npos || colon > line)
      continue;
    std::size_t value = head.find_first_not_of (' ', colon + 1);
    request->fields.emplace_back (head.substr (start, colon - start),
                                  value < line ? head.substr (value, line - value) : "");
  }
}

bool
Server::read_request (int fd, std::string *buffer, Request *request)
{
  std::size_t end;
  char bytes[16384];

  while ((end = buffer->find ("\r\n\r\n")) == std::string::npos) {
    ssize_t n = recv (fd, bytes, sizeof bytes, 0);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    buffer->append (bytes, (std::size_t)n);
  }
  parse_fields (buffer->substr (0, end + 2), request);
  buffer->erase (0, end + 4);
  return true;
}

Handler
Server::take (Request *request)
{
  std::lock_guard<std::mutex> lock (mutex_);
  auto found = handlers_.find (request->target);

  request->visit =
      (int)std::count_if (requests_.begin (), requests_.end (), [&] (const Request &earlier) {
        return earlier.target == request->target;
      });
  requests_.push_back (*request);
  if (found == handlers_.end ())
    return [] (Exchange &exchange) { exchange.answer ("404 Not Found"); };
  return found->second;
}

int
Server::count_busy ()
{
  return (int)std::count_if (busy_.begin (), busy_.end (), [] (int fd) {
    struct pollfd peer = {fd, POLLRDHUP, 0};
    return poll (&peer, 1, 0) == 0;
  });
}

void
Server::perform (Exchange *exchange, const Handler &handler, int fd)
{
  struct Leave {
    Server *server;
    int fd;
    ~Leave ()
    {
      std::lock_guard<std::mutex> lock (server->mutex_);
      server->busy_.erase (fd);
    }
  } leave = {this, fd};
  {
    std::lock_guard<std::mutex> lock (mutex_);
    busy_.insert (fd);
    busiest_ = std::max (busiest_, count_busy ());
  }
  handler (*exchange);
}

void
Server::talk (Connection *connection, int number)
{
  std::string buffer;

  try {
    for (bool keep = true; keep;) {
      Request request = {};
      request.connection = number;
      if (!read_request (connection->fd, &buffer, &request))
        break;
      Handler handler = take (&request);
      wake ();
      Exchange exchange (*this, connection->fd, request);
      perform (&exchange, handler, connection->fd);
      keep = exchange.is_kept ();
    }
  } catch (const Gone &) {
  }
  {
    std::lock_guard<std::mutex> lock (mutex_);
    ::close (connection->fd);
    connection->open = false;
  }
  wake ();
}

/* False if the peer is gone or the server stops. */
bool
Server::wait_stopped (double seconds, bool until_release, int fd)
{
  auto deadline = std::chrono::steady_clock::now () + std::chrono::duration<double> (seconds);
  std::unique_lock<std::mutex> lock (mutex_);

  while (!stopping_ && !(until_release && released_)) {
    auto now = std::chrono::steady_clock::now ();
    struct pollfd peer = {fd, POLLRDHUP, 0};
    if (now >= deadline)
      return true;
    if (poll (&peer, 1, 0) == 1)
      return false;
    changed_.wait_until (lock, std::min (deadline, now + std::chrono::duration<double> (0.02)));
  }
  return !stopping_;
}

void
Server::on (const std::string &target, const Handler &handler)
{
  std::lock_guard<std::mutex> lock (mutex_);

  handlers_[target] = handler;
}

void
Server::serve (const std::string &target, const Resource &resource, const Pace &pace)
{
  on (target, [resource, pace] (Exchange &exchange) { exchange.respond (resource, pace); });
}

std::string
Server::url (const std::string &target) const
{
  return "http://" + host_ + ":" + std::to_string (port_) + target;
}

std::vector<Request>
Server::requests ()
{
  std::lock_guard<std::mutex> lock (mutex_);

  return requests_;
}

std::vector<Request>
Server::requests (const std::string &target)
{
  std::vector<Request> found;

  for (const Request &request : requests ()) {
    if (request.target == target)
      found.push_back (request);
  }
  return found;
}

int
Server::count (const std::string &target)
{
  return (int)requests (target).size ();
}

int
Server::open_connections ()
{
  std::lock_guard<std::mutex> lock (mutex_);

  return (int)std::count_if (connections_.begin (), connections_.end (),
                             [] (const Connection &connection) { return connection.open; });
}

int
Server::connections ()
{
  std::lock_guard<std::mutex> lock (mutex_);

  return n_connections_;
}

int
Server::busy ()
{
  std::lock_guard<std::mutex> lock (mutex_);

  return count_busy ();
}

int
Server::busiest ()
{
  std::lock_guard<std::mutex> lock (mutex_);

  return busiest_;
}

std::uint64_t
Server::body_bytes ()
{
  std::lock_guard<std::mutex> lock (mutex_);

  return body_bytes_;
}

void
Server::release ()
{
  std::lock_guard<std::mutex> lock (mutex_);

  released_ = true;
  changed_.notify_all ();
}

std::string
http_date (long seconds_from_now)
{
  std::time_t when = std::time (nullptr) + seconds_from_now;
  struct tm parts;
  char text[64];

  gmtime_r (&when, &parts);
  std::strftime (text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

} // namespace st
