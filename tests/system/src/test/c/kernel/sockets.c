/*
 * What the calls of libc answer on a QUIC socket in every state: flags, lengths, buffers of all
 * sizes, waiting and not waiting, poll, ioctl, names.
 *
 * sockets server ADDRESS PORT HOW | sockets client ADDRESS PORT HOW
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "quicsocket.h"

#define OVER (POLLIN | POLLOUT | POLLHUP | POLLRDHUP | POLLERR)

static int done;

static void passing(const char *what) {
  printf("%d %s\n", ++done, what);
  fflush(stdout);
}

static short mask(int fd) {
  struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP};
  check(poll(&p, 1, 0) >= 0, "poll");
  return p.revents;
}

static void await(int fd, short wanted, const char *what) {
  for (int i = 0; i < 500; i++) {
    if ((mask(fd) & wanted) == wanted) {
      return;
    }
    nanosleep(&(struct timespec){0, 10000000}, NULL);
  }
  fprintf(stderr, "poll says %x, not %x\n", mask(fd), wanted);
  errno = ETIMEDOUT;
  fail(what);
}

static int number(int fd, int name) {
  int v = -1;
  socklen_t len = sizeof(v);
  check(getsockopt(fd, SOL_SOCKET, name, &v, &len) == 0 && len == sizeof(v), "SOL_SOCKET");
  return v;
}

static void fresh(const char *host, int port) {
  struct sockaddr_storage a;
  socklen_t len = sizeof(a);
  char b[8];
  int fd = quic_socket(AF_INET, SOCK_STREAM);
  check(number(fd, SO_PROTOCOL) == IPPROTO_QUIC, "SO_PROTOCOL");
  check(number(fd, SO_DOMAIN) == AF_INET, "SO_DOMAIN");
  check(number(fd, SO_ERROR) == 0 && number(fd, SO_ACCEPTCONN) == 0, "SO_ERROR");
  refused(send(fd, "x", 1, MSG_NOSIGNAL), EPIPE, "send, unconnected");
  refused(recv(fd, b, 1, 0), ENOTCONN, "recv, unconnected");
  refused(getpeername(fd, (struct sockaddr *)&a, &len), ENOTCONN, "getpeername, unconnected");
  refused(accept(fd, NULL, NULL), EINVAL, "accept, no listener");
  refused(shutdown(fd, SHUT_WR), ENOTCONN, "shutdown, unconnected");
  check((mask(fd) & OVER) == OVER, "poll, unconnected");
  len = address(&a, host, 0);
  refused(connect(fd, (struct sockaddr *)&a, len), EINVAL, "connect to port 0");
  close(fd);
  passing("a fresh socket");
  fd = quic_bound(host, port + 1);
  len = address(&a, host, port + 2);
  refused(bind(fd, (struct sockaddr *)&a, len), EINVAL, "bind twice");
  len = sizeof(a);
  check(getsockname(fd, (struct sockaddr *)&a, &len) == 0 && port_of(&a) == port + 1, "name");
  check(listen(fd, 1) == 0 && number(fd, SO_ACCEPTCONN) == 1, "listen");
  check((mask(fd) & POLLIN) == 0, "poll of a listener");
  int n;
  refused(ioctl(fd, SIOCINQ, &n), EINVAL, "SIOCINQ of a listener");
  refused(send(fd, "x", 1, MSG_NOSIGNAL), EPIPE, "send of a listener");
  refused(recv(fd, b, 1, MSG_DONTWAIT), ENOTCONN, "recv of a listener");
  check(fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "O_NONBLOCK");
  refused(accept(fd, NULL, NULL), EAGAIN, "accept without waiting");
  close(fd);
  passing("a listener");
}

static void lengths(int fd) {
  struct config big[2];
  struct event_option event = {EV_STREAM_UPDATE, 1};
  unsigned char too[4097] = {0};
  memset(big, 0xee, sizeof(big));
  check(get_option(fd, OPT_CONFIG, big, sizeof(big)) == sizeof(struct config), "larger room");
  check(get_option(fd, OPT_CONFIG, big, 4) == 4 && big[0].version == VERSION_1, "smaller room");
  check(set_option(fd, OPT_EVENT, &event, 1) == 0, "a short struct is filled with zeros");
  check(get_option(fd, OPT_EVENT, &event, 2) == 2 && event.on == 0, "EVENT");
  check(set_option(fd, OPT_CONNECTION_CLOSE, too, 200) == 0, "a long struct is cut");
  refused(set_option(fd, OPT_CONNECTION_CLOSE, too, 4097), EINVAL, "more than 4096");
  refused(set_option(fd, 99, too, 4), ENOPROTOOPT, "an unknown option");
  refused(get_option(fd, 99, too, 4), ENOPROTOOPT, "an unknown option");
  refused(set_option(fd, OPT_STREAM_OPEN, too, 16), ENOPROTOOPT, "only to get");
  refused(get_option(fd, OPT_KEY_UPDATE, too, 16), ENOPROTOOPT, "only to set");
  refused(setsockopt(fd, IPPROTO_QUIC, OPT_EVENT, &event, 2), ENOPROTOOPT, "the wrong level");
  struct config config = {.initial_smoothed_rtt = 999};
  refused(set_option(fd, OPT_CONFIG, &config, sizeof(config)), EINVAL, "CONFIG");
  passing("lengths of options");
}

static void flags(int fd) {
  char b[4];
  refused(send(fd, "x", 1, MSG_OOB | MSG_NOSIGNAL), EINVAL, "MSG_OOB");
  refused(quic_send(fd, "x", 1, 0, STREAM_NEW | MSG_DONTROUTE), EINVAL, "MSG_DONTROUTE");
  refused(quic_send(fd, "x", 1, 1, STREAM_NEW), EINVAL, "a stream of the server's");
  refused(recv(fd, b, 1, MSG_DONTWAIT), EAGAIN, "recv without waiting");
  struct timeval some = {0, 50000};
  check(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &some, sizeof(some)) == 0, "SO_RCVTIMEO");
  refused(recv(fd, b, 1, 0), EAGAIN, "recv for a while");
  struct timeval more = {20, 0};
  check(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &more, sizeof(more)) == 0, "SO_RCVTIMEO");
  check(mask(fd) == POLLOUT, "poll");
  passing("flags");
}

static void buffers(int fd) {
  char b[64];
  struct iovec parts[3] = {{"ab", 2}, {"cde", 3}, {"f", 1}};
  int64_t stream = -1;
  uint32_t what = MSG_PEEK;
  check(writev(fd, parts, 3) == 6, "writev");
  check(send(fd, "ghij", 4, MSG_FIN) == 4, "the end");
  await(fd, POLLIN, "an echo");
  check(quic_recv(fd, b, 3, &stream, &what) == 3 && memcmp(b, "abc", 3) == 0, "MSG_PEEK");
  check(stream == 0 && !(what & STREAM_FIN), "MSG_PEEK");
  size_t got = 0;
  what = 0;
  while (!(what & STREAM_FIN)) {
    what = 0;
    ssize_t n = quic_recv(fd, b + got, 4, &stream, &what);
    check(n > 0 && !(what & MSG_CTRUNC), "recvmsg in parts");
    got += (size_t)n;
  }
  check(got == 10 && memcmp(b, "abcdefghij", 10) == 0, "recvmsg in parts");
  int n = -1;
  check(ioctl(fd, SIOCINQ, &n) == 0 && n == 0, "SIOCINQ");
  passing("parts");
  check(send(fd, "plain", 5, MSG_SYN | MSG_FIN) == 5, "send");
  await(fd, POLLIN, "an echo");
  got = 0;
  int last = 0;
  while (!(last & MSG_FIN)) {
    struct iovec two[2] = {{b + got, 2}, {b + got + 2, 8}};
    struct msghdr m = {.msg_iov = two, .msg_iovlen = 2};
    ssize_t r = recvmsg(fd, &m, 0);
    check(r > 0 && (m.msg_flags & MSG_CTRUNC), "no room for the control message");
    last = m.msg_flags;
    got += (size_t)r;
  }
  check(got == 5 && memcmp(b, "plain", 5) == 0, "scattered");
  passing("no room for control messages");
}

/* The server reads nothing for a while. */
static void full(int fd) {
  static char much[65536];
  size_t sent = 0;
  ssize_t n;
  check(quic_send(fd, "stall", 5, -1, STREAM_NEW | STREAM_FIN) == 5, "stall");
  nanosleep(&(struct timespec){0, 300000000}, NULL);
  struct stream_info info = {-1, 0};
  check(get_option(fd, OPT_STREAM_OPEN, &info, sizeof(info)) > 0, "STREAM_OPEN");
  /* EAGAIN says that bytes wait for the network, ENOSPC that the window is used up. */
  for (int i = 0; i < 2000; i++) {
    n = quic_send(fd, much, sizeof(much), info.id, MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN) {
      break;
    }
    sent += n > 0 ? (size_t)n : 0;
    nanosleep(&(struct timespec){0, 1000000}, NULL);
  }

  refused(n, ENOSPC, "the window, with a control message");
  refused(send(fd, much, 1, MSG_DONTWAIT | MSG_NOSIGNAL), EAGAIN, "and without");
  check(sent >= 65535 * 16, "the window");
  struct timeval some = {0, 50000};
  check(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &some, sizeof(some)) == 0, "SO_SNDTIMEO");
  check(send(fd, much, 1, MSG_NOSIGNAL) < 0, "SO_SNDTIMEO");
  struct timeval more = {20, 0};
  check(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &more, sizeof(more)) == 0, "SO_SNDTIMEO");
  check(quic_send(fd, much, 1, info.id, STREAM_FIN) == 1, "send waits for the reader");
  sent++;
  char text[32];
  int64_t stream;
  uint32_t what = 0;
  n = quic_recv(fd, text, sizeof(text) - 1, &stream, &what);
  check(n == 5, "the answer to stall");
  what = 0;
  n = quic_recv(fd, text, sizeof(text) - 1, &stream, &what);
  check(n > 0, "the count");
  text[n] = 0;
  check((size_t)atol(text) == sent, "all bytes arrived");
  passing("a reader that does not read");
}

static int pipes;

static void on_pipe(int signal) {
  pipes += signal == SIGPIPE;
}

static void end(int fd) {
  char b[8];
  signal(SIGPIPE, on_pipe);
  check(quic_send(fd, "close", 5, -1, STREAM_NEW | STREAM_FIN) == 5, "close");
  check(recv(fd, b, sizeof(b), 0) == 5, "what was queued");
  await(fd, OVER, "the end");
  refused(recv(fd, b, sizeof(b), 0), ENOTCONN, "nothing more");
  refused(send(fd, b, 1, MSG_NOSIGNAL), EPIPE, "send");
  check(pipes == 0, "no signal");
  refused(send(fd, b, 1, 0), EPIPE, "send");
  check(pipes == 1, "SIGPIPE");
  refused(send(fd, b, 1, MSG_OOB), EINVAL, "flags come first");
  check(close(fd) == 0, "close");
  passing("the end");
}

static int client(const char *host, int port, const char *how) {
  struct sockaddr_storage to;
  socklen_t len;
  fresh(host, port);
  len = address(&to, host, port);
  int fd = quic_socket(to.ss_family, SOCK_DGRAM);
  check(connect(fd, (struct sockaddr *)&to, len) == 0, "connect");
  refused(connect(fd, (struct sockaddr *)&to, len), EISCONN, "connect twice");
  lengths(fd);
  check(tls_client(fd, how) == 0, "handshake");
  flags(fd);
  buffers(fd);
  full(fd);
  end(fd);
  return 0;
}

/* Reads to the end of a stream. */
static size_t whole(int fd, char *first, size_t room, int64_t *stream) {
  static char buf[65536];
  size_t len = 0;
  uint32_t flags = 0;
  while (!(flags & STREAM_FIN)) {
    flags = 0;
    ssize_t n = quic_recv(fd, buf, sizeof(buf), stream, &flags);
    check(n >= 0, "recvmsg of the server");
    for (ssize_t i = 0; i < n && len + (size_t)i < room; i++) {
      first[len + (size_t)i] = buf[i];
    }
    len += (size_t)n;
  }
  return len;
}

static int server(const char *host, int port, const char *how) {
  int listener = quic_listening(host, port, 1);
  int fd = accept(listener, NULL, NULL);
  check(fd >= 0, "accept");
  check(tls_server(fd, how) == 0, "handshake");
  for (;;) {
    char text[32] = {0};
    int64_t stream = -1;
    size_t len = whole(fd, text, sizeof(text) - 1, &stream);
    if (len > sizeof(text)) {
      len = (size_t)snprintf(text, sizeof(text), "%zu", len);
    }
    if (strcmp(text, "stall") == 0) {
      nanosleep(&(struct timespec){4, 0}, NULL);
    }
    check(quic_send(fd, text, len, stream, STREAM_FIN) == (ssize_t)len, "answer");
    if (strcmp(text, "close") == 0) {
      break;
    }
  }
  close(fd);
  close(listener);
  return 0;
}

int main(int argc, char **argv) {
  return either_end(argc, argv, server, client);
}
