/*
 * What select, poll and epoll say of a socket in every state, level, edge and once; they have to agree.
 *
 * waits server ADDRESS PORT HOW | waits client ADDRESS PORT HOW
 */
#include <errno.h>
#include <limits.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "quicsocket.h"

#define OVER (POLLIN | POLLOUT | POLLHUP | POLLRDHUP | POLLERR)
#define PATIENCE 20000

static int done;

static void passing(const char *what) {
  printf("%d %s\n", ++done, what);
  fflush(stdout);
}

static short polled(int fd, short events, int timeout) {
  struct pollfd p = {.fd = fd, .events = events};
  check(poll(&p, 1, timeout) >= 0, "poll");
  return p.revents;
}

/* Bit 0: select says readable, bit 1: writable. */
static int selected(int fd) {
  fd_set r;
  fd_set w;
  struct timeval none = {0, 0};
  FD_ZERO(&r);
  FD_ZERO(&w);
  FD_SET(fd, &r);
  FD_SET(fd, &w);
  int n = select(fd + 1, &r, &w, NULL, &none);
  int bits = (FD_ISSET(fd, &r) ? 1 : 0) | (FD_ISSET(fd, &w) ? 2 : 0);
  check(n == (bits & 1) + (bits >> 1), "the count of select");
  return bits;
}

static int watch(int fd, uint32_t events) {
  int e = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event v = {.events = events, .data.fd = fd};
  check(e >= 0 && epoll_ctl(e, EPOLL_CTL_ADD, fd, &v) == 0, "epoll_ctl");
  return e;
}

/* What there is; 0 for nothing within the time. */
static uint32_t told(int e, int timeout) {
  struct epoll_event v = {0};
  int n = epoll_wait(e, &v, 1, timeout);
  check(n >= 0, "epoll_wait");
  return n == 0 ? 0 : v.events;
}

static uint32_t once(int fd, uint32_t events) {
  int e = watch(fd, events);
  uint32_t what = told(e, 0);
  close(e);
  return what;
}

static void same(int fd, short in_out, const char *what) {
  int bits = (in_out & POLLIN ? 1 : 0) | (in_out & POLLOUT ? 2 : 0);
  check(polled(fd, POLLIN | POLLOUT | POLLRDHUP, 0) == in_out, what);
  check(selected(fd) == bits, what);
  check(once(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP) == (uint32_t)in_out, what);
}

static double cpu(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Nothing to be had for a while: that must not be found out by asking all the time. */
static void idle(int fd) {
  double before = cpu();
  fd_set r;
  struct timeval half = {0, 500000};
  FD_ZERO(&r);
  FD_SET(fd, &r);
  check(polled(fd, POLLIN, 500) == 0, "poll of a socket at rest");
  check(select(fd + 1, &r, NULL, NULL, &half) == 0, "select of a socket at rest");
  check(half.tv_sec == 0 && half.tv_usec == 0, "the time that is left");
  struct timeval some = {0, 500000};
  struct timeval more = {20, 0};
  char b;
  check(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &some, sizeof(some)) == 0, "SO_RCVTIMEO");
  refused(recv(fd, &b, 1, 0), EAGAIN, "recv of a socket at rest");
  check(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &more, sizeof(more)) == 0, "SO_RCVTIMEO");
  check(cpu() - before < 0.2, "waiting takes no time of a processor");
  passing("at rest");
}

/* Asks for n bytes at once. */
static void order(int fd, int n) {
  char w[16];
  snprintf(w, sizeof(w), "%d", n);
  check(quic_send(fd, w, strlen(w), -1, STREAM_NEW | STREAM_FIN) == (ssize_t)strlen(w), "order");
}

static void empty(int fd) {
  char b[64];
  uint32_t flags = 0;
  while (!(flags & STREAM_FIN)) {
    int64_t stream;
    flags = 0;
    check(quic_recv(fd, b, sizeof(b), &stream, &flags) >= 0, "recv");
  }
}

static void epolls(int fd) {
  char b[8];
  int64_t stream;
  int level = watch(fd, EPOLLIN);
  int edge = watch(fd, EPOLLIN | EPOLLET);
  int one = watch(fd, EPOLLIN | EPOLLONESHOT);
  check(told(level, 0) == 0 && told(edge, 0) == 0 && told(one, 0) == 0, "nothing yet");
  order(fd, 12);
  check(told(level, PATIENCE) == EPOLLIN && told(level, 0) == EPOLLIN, "level");
  check(told(edge, PATIENCE) == EPOLLIN, "edge");
  check(told(one, PATIENCE) == EPOLLIN && told(one, 0) == 0, "once");
  same(fd, POLLIN | POLLOUT, "something to read");
  uint32_t flags = 0;
  check(quic_recv(fd, b, 4, &stream, &flags) == 4, "a part");
  check(told(level, 0) == EPOLLIN, "a part is left");
  empty(fd);
  while (told(edge, 0) != 0) {
  }
  check(told(level, 0) == 0, "all was read");
  same(fd, POLLOUT, "nothing more to read");
  order(fd, 1);
  check(told(edge, PATIENCE) == EPOLLIN && told(one, 0) == 0, "the next edge");
  struct epoll_event v = {.events = EPOLLIN | EPOLLONESHOT};
  check(epoll_ctl(one, EPOLL_CTL_MOD, fd, &v) == 0 && told(one, 0) == EPOLLIN, "once more");
  empty(fd);
  close(level);
  close(edge);
  close(one);
  passing("epoll");
}

/* The peer reads on. It sees that without reading anything: another connection id to send to. */
static void go_on(int fd) {
  struct connection_id_info ids = {.prior_to = 1};
  check(set_option(fd, OPT_CONNECTION_ID, &ids, sizeof(ids)) == 0, "CONNECTION_ID");
}

static void hold(int fd) {
  struct connection_id_info ids = {.dest = 1};
  while (ids.prior_to == 0) {
    poll(NULL, 0, 1);
    ids = (struct connection_id_info){.dest = 1};
    check(get_option(fd, OPT_CONNECTION_ID, &ids, sizeof(ids)) > 0, "CONNECTION_ID");
  }
}

/* What is first on its stream and finds no room is told of room, too, by an edge. */
static void firsts(int fd) {
  static char b[200000];
  memset(b, 'a', sizeof(b));
  b[0] = 'h';
  int edge = watch(fd, EPOLLOUT | EPOLLET);
  check(told(edge, 0) == EPOLLOUT, "room at first");
  int refusals = 0;
  for (int i = 0; i < 40; i++) {
    size_t sent = 0;
    while (sent < sizeof(b)) {
      ssize_t r = quic_send(fd, b + sent, sizeof(b) - sent, 200 + 4 * i, (sent == 0 ? STREAM_NEW : 0) | MSG_DONTWAIT);
      if (r < 0) {
        check(errno == EAGAIN || errno == ENOSPC, "no room");
        if (refusals++ == 0) {
          go_on(fd);
        }
        check(told(edge, PATIENCE) == EPOLLOUT, "an edge");
      }
      sent += r > 0 ? (size_t)r : 0;
    }
    b[0] = 'a';
  }
  check(refusals > 0, "more than there is room for");
  close(edge);
  check(quic_send(fd, "1", 1, 360, STREAM_NEW | STREAM_FIN) == 1, "order");
  empty(fd);
  passing("first sends");
}

/* A send that was taken at first and failed later is nothing to read. */
static void late(int fd) {
  struct stream_info info = {-1, 0};
  int level = watch(fd, EPOLLIN);
  int edge = watch(fd, EPOLLIN | EPOLLET);
  int one = watch(fd, EPOLLIN | EPOLLONESHOT);
  check(get_option(fd, OPT_STREAM_OPEN, &info, sizeof(info)) > 0, "STREAM_OPEN");
  ssize_t r = 1;
  for (int i = 0; i < PATIENCE && r == 1; i++) {
    r = quic_send(fd, i < 100 ? "a" : "s", 1, info.id, MSG_NOSIGNAL);
    int saved = errno;
    poll(NULL, 0, 1);
    check(told(level, 0) == 0 && told(edge, 0) == 0 && told(one, 0) == 0, "nothing to read");
    check(polled(fd, POLLIN, 0) == 0, "nothing to read");
    errno = saved;
  }
  refused(r, EINVAL, "a stream that the peer stopped, of which the other half is open");
  order(fd, 1);
  check(told(level, PATIENCE) == EPOLLIN && told(edge, PATIENCE) == EPOLLIN, "something");
  check(told(one, PATIENCE) == EPOLLIN, "something, once");
  empty(fd);
  close(level);
  close(edge);
  close(one);
  passing("a send that failed late");
}

static void over(int fd) {
  char b[8];
  int level = watch(fd, EPOLLIN | EPOLLRDHUP);
  int edge = watch(fd, EPOLLIN | EPOLLRDHUP | EPOLLET);
  /* What is queued can be read, although the connection is over. */
  order(fd, 0);
  while (!(told(level, PATIENCE) & EPOLLHUP)) {
  }
  uint32_t what = 0;
  while (!((what |= told(edge, PATIENCE)) & EPOLLHUP)) {
  }
  check(what == (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR), "the edge of the end");
  same(fd, OVER, "the end, with something to read");
  check(once(fd, 0) == (EPOLLHUP | EPOLLERR), "epoll for nothing");
  check(polled(fd, POLLIN | POLLOUT | POLLRDHUP, 0) == OVER, "poll of the end");
  check(polled(fd, 0, 0) == (POLLHUP | POLLERR), "poll for nothing");
  check(selected(fd) == 3, "select of the end");
  check(recv(fd, b, sizeof(b), 0) == 3 && memcmp(b, "end", 3) == 0, "what was queued");
  refused(recv(fd, b, sizeof(b), 0), ENOTCONN, "nothing more");
  refused(send(fd, b, 1, MSG_NOSIGNAL), EPIPE, "send");
  check(told(level, 0) == (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR), "it stays over");
  same(fd, OVER, "the end, with nothing to read");
  struct connection_close info;
  check(get_option(fd, OPT_CONNECTION_CLOSE, &info, sizeof(info)) == sizeof(info), "CONNECTION_CLOSE");
  check(info.errcode == 7, "why it ended");
  struct sockaddr_storage a;
  socklen_t len = sizeof(a);
  check(getsockname(fd, (struct sockaddr *)&a, &len) == 0, "its name");
  close(level);
  close(edge);
  close(fd);
  passing("the end");
}

static void ring(int number) {
  (void)number;
}

/* usual: a time too long to add to the clock's is for ever, one that is none is refused; select for urgent data only does
   not see a hang-up. */
static void times(int fd) {
  struct pollfd p = {.fd = fd, .events = POLLIN};
  struct timespec ever = {LONG_MAX, 0};
  struct timeval just_so = {LONG_MAX, 0};
  struct timespec odd = {0, 1000000000};
  struct timespec less = {-1, 0};
  struct sigaction act = {.sa_handler = ring};
  struct itimerval often = {{0, 100000}, {0, 100000}};
  struct itimerval never = {{0, 0}, {0, 0}};
  int gone[2];
  fd_set r;
  fd_set e;
  FD_ZERO(&r);
  FD_ZERO(&e);
  FD_SET(fd, &r);
  refused(ppoll(&p, 1, &odd, NULL), EINVAL, "ppoll, a full second of nanoseconds");
  refused(ppoll(&p, 1, &less, NULL), EINVAL, "ppoll, less than nothing");
  refused(pselect(fd + 1, &r, NULL, NULL, &odd, NULL), EINVAL, "pselect, a full second of nanoseconds");
  check(sigaction(SIGALRM, &act, NULL) == 0 && setitimer(ITIMER_REAL, &often, NULL) == 0, "an alarm");
  refused(ppoll(&p, 1, &ever, NULL), EINTR, "ppoll for ever");
  refused(pselect(fd + 1, &r, NULL, NULL, &ever, NULL), EINTR, "pselect for ever");
  refused(select(fd + 1, &r, NULL, NULL, &just_so), EINTR, "select for ever");
  check(FD_ISSET(fd, &r), "sets stay as they were");
  check(pipe(gone) == 0 && close(gone[1]) == 0, "pipe");
  FD_SET(gone[0], &e);
  refused(select((fd > gone[0] ? fd : gone[0]) + 1, &r, NULL, &e, NULL), EINTR, "a hang-up and urgent data");
  check(FD_ISSET(fd, &r) && FD_ISSET(gone[0], &e), "sets stay as they were");
  check(setitimer(ITIMER_REAL, &never, NULL) == 0, "no alarm");
  close(gone[0]);
  passing("times");
}

static void listeners(const char *host, int port) {
  int fd = quic_bound(host, port + 1);
  check(listen(fd, 1) == 0, "listen");
  same(fd, 0, "a listener that nobody asks");
  check(polled(fd, POLLOUT, 100) == 0, "a listener is never writable");
  int e = watch(fd, EPOLLIN | EPOLLOUT | EPOLLET);
  struct sockaddr_storage to;
  socklen_t len = address(&to, host, port + 1);
  int c = quic_socket(to.ss_family, SOCK_DGRAM);
  check(connect(c, (struct sockaddr *)&to, len) == 0, "connect");
  check(told(e, 100) == 0, "connect sends nothing");
  same(c, POLLOUT, "before the handshake");
  char hello[64] = {1, 0, 0, 60, 3, 3};
  check(handshake_send(c, LEVEL_INITIAL, hello, sizeof(hello), 0) == sizeof(hello), "ClientHello");
  check(told(e, PATIENCE) == EPOLLIN, "one to accept");
  same(fd, POLLIN, "one to accept");
  int a = accept(fd, NULL, NULL);
  check(a >= 0, "accept");
  same(fd, 0, "nobody more");
  check(polled(a, POLLIN, PATIENCE) == POLLIN, "a ClientHello to read");
  close(a);
  check(polled(c, POLLIN, PATIENCE) == (POLLIN | POLLHUP | POLLERR), "closed before the handshake");
  check(polled(c, POLLIN | POLLOUT | POLLRDHUP, 0) == OVER, "closed before the handshake");
  close(c);
  close(e);
  close(fd);
  passing("a listener");
}

/* Sets that know a socket before it is anything. */
static void early(const char *host, int port) {
  struct sockaddr_storage to;
  socklen_t len = address(&to, host, port + 2);
  int c = quic_socket(to.ss_family, SOCK_DGRAM);
  int reading = watch(c, EPOLLIN);
  int both = watch(c, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
  int one = watch(c, EPOLLIN | EPOLLONESHOT);
  int alone = watch(c, EPOLLIN | EPOLLEXCLUSIVE);
  check(told(alone, 0) == (EPOLLIN | EPOLLHUP | EPOLLERR), "unconnected, exclusive");
  check(told(reading, 0) == (EPOLLIN | EPOLLHUP | EPOLLERR), "unconnected");
  check(told(both, 0) == OVER && told(both, 0) == OVER, "unconnected, both ways");
  check(told(one, 0) == (EPOLLIN | EPOLLHUP | EPOLLERR) && told(one, 0) == 0, "unconnected, once");
  check(connect(c, (struct sockaddr *)&to, len) == 0, "connect");
  check(told(reading, 0) == 0 && told(both, 0) == EPOLLOUT && told(one, 0) == 0, "connected");
  check(told(alone, 0) == 0, "connected, exclusive");
  check(shutdown(c, SHUT_RD) == 0, "SHUT_RD");
  same(c, POLLIN | POLLOUT | POLLRDHUP, "SHUT_RD");
  check(told(reading, 0) == EPOLLIN && told(both, 0) == (EPOLLIN | EPOLLOUT | EPOLLRDHUP), "SHUT_RD");
  check(shutdown(c, SHUT_WR) == 0, "SHUT_WR");
  check(polled(c, POLLIN, PATIENCE) == (POLLIN | POLLHUP | POLLERR), "SHUT_WR");
  same(c, OVER, "SHUT_WR");
  check(told(both, 0) == OVER, "SHUT_WR");
  close(alone);
  close(one);
  close(both);
  close(reading);
  close(c);
  int fd = quic_bound(host, port + 2);
  int e = watch(fd, EPOLLIN | EPOLLOUT);
  check(listen(fd, 1) == 0 && told(e, 100) == 0, "a listener that was in the set before");
  close(e);
  close(fd);
  passing("before connect and listen");
}

static int client(const char *host, int port, const char *how) {
  struct sockaddr_storage to;
  socklen_t len = address(&to, host, port);
  listeners(host, port);
  early(host, port);
  int fd = quic_socket(to.ss_family, SOCK_DGRAM);
  same(fd, OVER, "unconnected");
  check(connect(fd, (struct sockaddr *)&to, len) == 0, "connect");
  check(tls_client(fd, how) == 0, "handshake");
  same(fd, POLLOUT, "established");
  idle(fd);
  times(fd);
  epolls(fd);
  firsts(fd);
  late(fd);
  over(fd);
  return 0;
}

static int server(const char *host, int port, const char *how) {
  int listener = quic_listening(host, port, 1);
  int fd = accept(listener, NULL, NULL);
  check(fd >= 0, "accept");
  check(tls_server(fd, how) == 0, "handshake");
  int n = 1;
  while (n > 0) {
    char w[4096] = {0};
    int64_t stream = -1;
    uint32_t flags = 0;
    size_t got = 0;
    while (!(flags & STREAM_FIN)) {
      flags = 0;
      ssize_t r = quic_recv(fd, w + got, sizeof(w) - 1 - got, &stream, &flags);
      check(r >= 0, "order");
      if (r > 0 && w[got] == 'h') {
        hold(fd);
        w[got] = 'a';
      }
      if (r > 0 && (w[got] == 'a' || w[got] == 's')) {
        /* Not an order, and in the end this stream shall be over. */
        struct errinfo stop = {.stream_id = stream, .errcode = 1};
        if (w[got + (size_t)r - 1] == 's') {
          set_option(fd, OPT_STREAM_STOP_SENDING, &stop, sizeof(stop));
        }
        memset(w, 0, sizeof(w));
        r = 0;
      }
      got += (size_t)r;
    }
    n = atoi(w);
    char b[16] = "end.............";
    check(quic_send(fd, b, n > 0 ? (size_t)n : 3, stream, STREAM_FIN) > 0, "answer");
  }
  struct connection_close info = {.errcode = 7};
  check(set_option(fd, OPT_CONNECTION_CLOSE, &info, sizeof(info)) == 0, "CONNECTION_CLOSE");
  /* The answer shall be there before the end is. */
  int unacked = 1;
  while (unacked > 0) {
    check(ioctl(fd, SIOCOUTQ, &unacked) == 0, "SIOCOUTQ");
    poll(NULL, 0, 1);
  }
  close(fd);
  close(listener);
  return 0;
}

int main(int argc, char **argv) {
  return either_end(argc, argv, server, client);
}
