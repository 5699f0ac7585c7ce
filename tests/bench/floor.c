/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * floor ADDRESS PORT PATH FILE: fetches http://ADDRESS:PORT/PATH into FILE, which must not exist, with the least work
 * that a download can cost. It receives the body into one buffer, writes it past the page cache, and syncs the file at
 * the end. It trusts the server, can't resume, and reports no progress.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_SIZE (1024 * 1024)
#define ALIGN       4096

static _Noreturn void
fail (const char *what)
{
  fprintf (stderr, "floor: %s: %s\n", what, strerror (errno));
  exit (1);
}

static int
open_connection (const char *address, const char *port)
{
  struct sockaddr_in peer = {.sin_family = AF_INET,
                             .sin_port = htons ((uint16_t)strtoul (port, NULL, 10))};
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0 || inet_pton (AF_INET, address, &peer.sin_addr) != 1 ||
      connect (fd, (struct sockaddr *)&peer, sizeof peer) != 0)
    fail (address);
  return fd;
}

/* Requests @path, and reads until the end of the head. Returns how many bytes of @buffer are filled. */
static size_t
ask (int fd, const char *address, const char *path, char *buffer)
{
  int length =
      snprintf (buffer, BUFFER_SIZE, "GET /%s HTTP/1.1\r\nHost: %s\r\n\r\n", path, address);
  size_t filled = 0;

  if (send (fd, buffer, (size_t)length, 0) != length)
    fail ("send");
  do {
    ssize_t n = recv (fd, buffer + filled, BUFFER_SIZE - 1 - filled, 0);
    if (n <= 0)
      fail ("recv");
    filled += (size_t)n;
    buffer[filled] = '\0';
  } while (strstr (buffer, "\r\n\r\n") == NULL);
  return filled;
}

/*
 * Returns the Content-Length of the head in @buffer, which must be that of a 200; leaves only bytes of the body there.
 */
static size_t
take_head (char *buffer, size_t *filled)
{
  char *body = strstr (buffer, "\r\n\r\n") + 4;
  char *length = strcasestr (buffer, "\r\nContent-Length:");
  size_t size;

  errno = EBADMSG;
  if (strncmp (buffer, "HTTP/1.1 200 ", 13) != 0 || length == NULL || length > body)
    fail ("head");
  size = strtoul (length + strlen ("\r\nContent-Length:"), NULL, 10);
  *filled -= (size_t)(body - buffer);
  memmove (buffer, body, *filled);
  return size;
}

/* Reads until @wanted bytes of the buffer are filled. Returns @wanted. */
static size_t
fill (int fd, char *buffer, size_t filled, size_t wanted)
{
  while (filled < wanted) {
    ssize_t n = recv (fd, buffer + filled, wanted - filled, MSG_WAITALL);
    if (n <= 0)
      fail ("recv");
    filled += (size_t)n;
  }
  return filled;
}

int
main (int argc, char **argv)
{
  char *buffer = aligned_alloc (ALIGN, BUFFER_SIZE);
  size_t filled, size, at = 0;
  int connection, file;

  if (argc != 5 || buffer == NULL)
    return 2;
  file = open (argv[4], O_WRONLY | O_CREAT | O_EXCL | O_DIRECT | O_CLOEXEC, 0600);
  if (file < 0)
    fail (argv[4]);
  connection = open_connection (argv[1], argv[2]);
  filled = ask (connection, argv[1], argv[3], buffer);
  size = take_head (buffer, &filled);
  while (at < size) {
    size_t wanted = size - at < BUFFER_SIZE ? size - at : BUFFER_SIZE;
    /* O_DIRECT needs whole blocks: the last one is filled up, and the file is truncated at the end */
    size_t whole = (wanted + ALIGN - 1) / ALIGN * ALIGN;
    filled = fill (connection, buffer, filled, wanted);
    if (pwrite (file, buffer, whole, (off_t)at) != (ssize_t)whole)
      fail ("write");
    at += filled;
    filled = 0;
  }
  if (ftruncate (file, (off_t)size) != 0 || fdatasync (file) != 0)
    fail ("sync");
  return 0;
}
