/*
 * Sample and throughput in one: plain send and recv without control messages, as of TCP.
 *
 * perf server ADDRESS PORT HOW MIB | perf client ADDRESS PORT HOW MIB
 * The client sends MIB MiB, then the server does, then both at once, then a thousand requests are answered.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "quicsocket.h"

#define ROOM 65536
#define REQUEST 1024
#define REQUESTS 1000

static char buf[ROOM];

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void put(int fd, size_t total) {
  while (total > 0) {
    ssize_t n = send(fd, buf, total < ROOM ? total : ROOM, MSG_NOSIGNAL);
    check(n > 0, "send");
    total -= (size_t)n;
  }
}

/* As an event loop does: wait, then take what there is. */
static void take(int fd, size_t total) {
  while (total > 0) {
    ssize_t n = recv(fd, buf, total < ROOM ? total : ROOM, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) {
      struct pollfd p = {.fd = fd, .events = POLLIN};
      check(poll(&p, 1, 20000) == 1, "poll");
      continue;
    }
    check(n > 0, "recv");
    total -= (size_t)n;
  }
}

/* Sends and takes as much at the same time, and never waits but in poll. */
static void both(int fd, size_t total) {
  size_t out = total;
  size_t in = total;
  while (out > 0 || in > 0) {
    struct pollfd p = {.fd = fd, .events = (short)((in > 0 ? POLLIN : 0) | (out > 0 ? POLLOUT : 0))};
    check(poll(&p, 1, 20000) == 1, "poll");
    check(!(p.revents & (POLLERR | POLLHUP)), "still connected");
    if (out > 0 && (p.revents & POLLOUT)) {
      ssize_t n = send(fd, buf, out < ROOM ? out : ROOM, MSG_DONTWAIT | MSG_NOSIGNAL);
      check(n > 0 || errno == EAGAIN, "send");
      out -= n > 0 ? (size_t)n : 0;
    }
    if (in > 0 && (p.revents & POLLIN)) {
      ssize_t n = recv(fd, buf, in < ROOM ? in : ROOM, MSG_DONTWAIT);
      check(n > 0 || errno == EAGAIN, "recv");
      in -= n > 0 ? (size_t)n : 0;
    }
  }
}

static void report(const char *what, size_t bytes, double since) {
  double s = seconds() - since;
  printf("%s %.0f Mbit/s\n", what, (double)bytes * 8 / s / 1e6);
  fflush(stdout);
}

static int server(const char *host, int port, const char *how, size_t total) {
  int listener = quic_listening(host, port, 1);
  int fd = accept(listener, NULL, NULL);
  check(fd >= 0, "accept");
  check(tls_server(fd, how) == 0, "handshake");
  take(fd, total);
  put(fd, total);
  both(fd, total);
  for (int i = 0; i < REQUESTS; i++) {
    take(fd, REQUEST);
    put(fd, REQUEST);
  }
  char end;
  check(recv(fd, &end, 1, 0) < 0 && errno == ENOTCONN, "the client's end");
  close(fd);
  close(listener);
  return 0;
}

static int client(const char *host, int port, const char *how, size_t total) {
  struct sockaddr_storage to;
  socklen_t len = address(&to, host, port);
  int fd = quic_socket(to.ss_family, SOCK_STREAM);
  check(connect(fd, (struct sockaddr *)&to, len) == 0, "connect");
  check(tls_client(fd, how) == 0, "handshake");
  double since = seconds();
  put(fd, total);
  take(fd, 1);
  report("up", total, since);
  since = seconds();
  take(fd, total - 1);
  report("down", total, since);
  since = seconds();
  both(fd, total);
  report("both", 2 * total, since);
  since = seconds();
  for (int i = 0; i < REQUESTS; i++) {
    put(fd, REQUEST);
    take(fd, REQUEST);
  }
  printf("%.0f requests/s\n", REQUESTS / (seconds() - since));
  check(shutdown(fd, SHUT_RDWR) == 0, "shutdown");
  refused(send(fd, buf, 1, MSG_NOSIGNAL), EPIPE, "send after shutdown");
  close(fd);
  return 0;
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  if (argc != 6) {
    fprintf(stderr, "usage: perf server|client ADDRESS PORT HOW MIB\n");
    return 64;
  }
  int (*run)(const char *, int, const char *, size_t) =
      strcmp(argv[1], "server") == 0 ? server : client;
  return run(argv[2], atoi(argv[3]), argv[4], (size_t)atoi(argv[5]) << 20);
}
