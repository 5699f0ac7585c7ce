/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Emulates a long path in user space, for kernels without netem. It creates a TUN device in each of two
 * network namespaces, and passes packets between them, with a rate, a queue that drops packets when it
 * is full, a delay, and random loss with a given seed, so that two programs meet the same path. Ends on SIGTERM.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define SECOND     1000000000LL
#define MTU        2048
#define BATCH      256
#define LINE_SLOTS 65536 /* packets queued and under way in each direction; a power of two */

typedef struct {
  int64_t due; /* when it arrives at the far end */
  int length;
  uint8_t data[MTU];
} Packet;

/* One direction. Packets leave in the order in which they came, so one ring holds them all. */
typedef struct {
  int from, to;
  double ns_per_byte;
  int64_t queue_limit; /* ns of backlog before packets are dropped */
  int64_t delay;
  int64_t free_at; /* when the link has sent all packets so far */
  double loss;
  uint64_t random;
  uint64_t passed, lost, dropped;
  Packet *ring; /* (owned) */
  unsigned head, tail;
} Direction;

static volatile sig_atomic_t stopping;

static void
on_signal (int number)
{
  (void)number;
  stopping = 1;
}

static void
die (const char *what)
{
  perror (what);
  exit (EXIT_FAILURE);
}

static int64_t
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * SECOND + now.tv_nsec;
}

/* xorshift64*, so that the same seed loses the same packets */
static double
next_random (uint64_t *state)
{
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return (double)((*state * 0x2545F4914F6CDD1DULL) >> 11) / 9007199254740992.0;
}

/* Reads packets from the sender. Loses or drops some, and gives the others the time at which they arrive. */
static void
take_in (Direction *direction)
{
  for (int i = 0; i < BATCH; i++) {
    Packet *packet = &direction->ring[direction->tail & (LINE_SLOTS - 1)];
    int length = (int)read (direction->from, packet->data, MTU);
    int64_t now = now_ns ();

    if (length <= 0)
      return;
    if (next_random (&direction->random) < direction->loss) {
      direction->lost++;
      continue;
    }
    if (direction->free_at < now)
      direction->free_at = now;
    if (direction->free_at - now > direction->queue_limit ||
        direction->tail - direction->head == LINE_SLOTS - 1) {
      direction->dropped++;
      continue;
    }
    direction->free_at += (int64_t)(length * direction->ns_per_byte);
    packet->due = direction->free_at + direction->delay;
    packet->length = length;
    direction->tail++;
    direction->passed++;
  }
}

/* Writes the packets that have arrived. Returns the time of the next arrival. */
static int64_t
hand_out (Direction *direction)
{
  int64_t now = now_ns ();

  while (direction->head != direction->tail) {
    Packet *packet = &direction->ring[direction->head & (LINE_SLOTS - 1)];

    if (packet->due > now)
      return packet->due;
    if (write (direction->to, packet->data, (size_t)packet->length) < 0 && errno != EAGAIN &&
        errno != EIO)
      die ("write");
    direction->head++;
  }
  return INT64_MAX;
}

/* Creates the TUN device @device in the namespace @name, and returns its descriptor. */
static int
open_tun (const char *name, const char *device)
{
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  char path[128];
  int here = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  int there, tun;

  snprintf (path, sizeof path, "/run/netns/%s", name);
  there = open (path, O_RDONLY | O_CLOEXEC);
  if (here < 0 || there < 0 || setns (there, CLONE_NEWNET) != 0)
    die (path);
  tun = open ("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  snprintf (request.ifr_name, IFNAMSIZ, "%s", device);
  if (tun < 0 || ioctl (tun, TUNSETIFF, &request) != 0)
    die ("/dev/net/tun");
  if (setns (here, CLONE_NEWNET) != 0)
    die ("setns");
  close (there);
  close (here);
  return tun;
}

static void
run (Direction *down, Direction *up)
{
  struct pollfd polls[2] = {{down->from, POLLIN, 0}, {up->from, POLLIN, 0}};

  while (!stopping) {
    struct timespec wait = {0, 0};
    int64_t next_down, next_up, left;

    take_in (down);
    take_in (up);
    next_down = hand_out (down);
    next_up = hand_out (up);
    left = (next_down < next_up ? next_down : next_up) - now_ns ();
    if (left > SECOND)
      left = SECOND;
    if (left > 0)
      wait.tv_nsec = left == SECOND ? SECOND - 1 : left;
    ppoll (polls, 2, &wait, NULL);
  }
}

static Direction
direction_new (int from, int to, double mbit, double rtt_ms)
{
  Direction direction = {.from = from, .to = to, .ns_per_byte = 8000.0 / mbit};

  direction.delay = (int64_t)(rtt_ms / 2 * 1e6);
  direction.queue_limit = (int64_t)(rtt_ms * 1e6);
  direction.ring = calloc (LINE_SLOTS, sizeof (Packet));
  if (direction.ring == NULL)
    die ("calloc");
  return direction;
}

int
main (int argc, char **argv)
{
  double mbit = 100, rtt_ms = 100, loss = 0.001;
  uint64_t seed = 1;
  Direction down, up;
  int server, client, option;

  while ((option = getopt (argc, argv, "r:d:l:s:")) != -1) {
    if (option == 'r')
      mbit = strtod (optarg, NULL);
    else if (option == 'd')
      rtt_ms = strtod (optarg, NULL);
    else if (option == 'l')
      loss = strtod (optarg, NULL);
    else if (option == 's')
      seed = strtoull (optarg, NULL, 10);
    else
      return EXIT_FAILURE;
  }
  if (argc - optind != 3) {
    fprintf (stderr, "usage: link-emulator [-r MBIT] [-d RTT_MS] [-l LOSS] [-s SEED] "
                     "SERVER-NAMESPACE CLIENT-NAMESPACE DEVICE\n");
    return EXIT_FAILURE;
  }
  server = open_tun (argv[optind], argv[optind + 2]);
  client = open_tun (argv[optind + 1], argv[optind + 2]);
  down = direction_new (server, client, mbit, rtt_ms);
  up = direction_new (client, server, mbit, rtt_ms);
  down.loss = loss;
  down.random = seed * 0x9E3779B97F4A7C15ULL + 1;
  up.random = 1;
  signal (SIGTERM, on_signal);
  signal (SIGINT, on_signal);
  puts ("ready");
  fflush (stdout);
  run (&down, &up);
  fprintf (stderr, "passed %llu lost %llu dropped %llu\n", (unsigned long long)down.passed,
           (unsigned long long)down.lost, (unsigned long long)down.dropped);
  free (down.ring);
  free (up.ring);
  return EXIT_SUCCESS;
}
