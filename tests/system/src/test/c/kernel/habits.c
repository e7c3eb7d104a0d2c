/*
 * What programs do to sockets out of habit: short options, peeking, vectors, many messages in a call, duplicates,
 * fork, counters, options at odd times.
 *
 * habits server ADDRESS PORT HOW | habits client ADDRESS PORT HOW
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "quicsocket.h"

static int done;

static void passing(const char *what) {
  printf("%d %s\n", ++done, what);
  fflush(stdout);
}

/* Reads n bytes of whatever. */
static void take(int fd, char *b, size_t n) {
  for (size_t got = 0; got < n;) {
    ssize_t r = recv(fd, b + got, n - got, 0);
    check(r > 0, "recv");
    got += (size_t)r;
  }
}

/* Sends on a new stream and waits until all of it came back. */
static void order(int fd, const char *text) {
  size_t n = strlen(text);
  check(send(fd, text, n, MSG_SYN | MSG_FIN) == (ssize_t)n, "order");
  int waiting = 0;
  for (int i = 0; i < 2000 && waiting < (int)n; i++) {
    check(ioctl(fd, FIONREAD, &waiting) == 0, "FIONREAD");
    nanosleep(&(struct timespec){0, 10000000}, NULL);
  }
  check(waiting >= (int)n, "the answer");
}

static void early_options(int fd) {
  int one = 1;
  int value = 0;
  socklen_t len = sizeof(value);
  struct linger l = {1, 3};
  check(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)) == 0, "SO_LINGER");
  memset(&l, 0, sizeof(l));
  len = sizeof(l);
  check(getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &len) == 0 && l.l_onoff == 1 && l.l_linger == 3, "SO_LINGER");
  l.l_onoff = 0;
  check(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)) == 0, "SO_LINGER");
  check(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0, "SO_REUSEADDR");
  check(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)) == 0, "SO_KEEPALIVE");
  int buffer = 400000;
  check(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer)) == 0, "SO_SNDBUF");
  len = sizeof(value);
  check(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &value, &len) == 0 && value >= buffer, "SO_SNDBUF");
  check(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer)) == 0, "SO_RCVBUF");
  refused(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, 2), EINVAL, "a short value");
  value = -1;
  len = 2;
  check(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &len) == 0 && len == 2, "a short room");
  len = sizeof(value);
  check(getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &len) == 0 && value == 0, "SO_ERROR");
  passing("options before connect");
}

static void peeks(int fd) {
  char b[64];
  order(fd, "0123456789");
  check(recv(fd, b, 4, MSG_PEEK) == 4 && memcmp(b, "0123", 4) == 0, "MSG_PEEK");
  check(recv(fd, b, 3, 0) == 3 && memcmp(b, "012", 3) == 0, "a part");
  check(recv(fd, b, 4, MSG_PEEK) == 4 && memcmp(b, "3456", 4) == 0, "MSG_PEEK of the rest");
  check(recv(fd, b, 64, MSG_PEEK) == 7 && memcmp(b, "3456789", 7) == 0, "MSG_PEEK of all the rest");
  struct iovec two[2] = {{b, 3}, {b + 10, 2}};
  check(readv(fd, two, 2) == 5 && memcmp(b, "345", 3) == 0 && memcmp(b + 10, "67", 2) == 0, "readv");
  int n = -1;
  check(ioctl(fd, FIONREAD, &n) == 0 && n == 2, "FIONREAD");
  check(ioctl(fd, SIOCINQ, &n) == 0 && n == 2, "SIOCINQ");
  check(read(fd, b, 64) == 2 && memcmp(b, "89", 2) == 0, "read");
  refused(recv(fd, b, 64, MSG_DONTWAIT), EAGAIN, "nothing more");
  passing("MSG_PEEK, readv, FIONREAD");
}

static void vectors(int fd) {
  char b[3][8];
  struct stream_info info = {-1, 0};
  check(get_option(fd, OPT_STREAM_OPEN, &info, sizeof(info)) > 0, "STREAM_OPEN");
  struct iovec parts[3] = {{"ab", 2}, {"", 0}, {"cd", 2}};
  check(writev(fd, parts, 3) == 4, "writev");
  struct iovec v[2] = {{"ef", 2}, {"gh", 2}};
  struct mmsghdr many[2] = {{.msg_hdr = {.msg_iov = &v[0], .msg_iovlen = 1}},
                            {.msg_hdr = {.msg_iov = &v[1], .msg_iovlen = 1}}};
  check(sendmmsg(fd, many, 2, MSG_NOSIGNAL) == 2 && many[1].msg_len == 2, "sendmmsg");
  check(send(fd, "ij", 2, MSG_FIN) == 2, "send");
  errno = 0;
  // ENOSTR where the peer's echo, and with it the stream's other end, has come already.
  check(quic_send(fd, "x", 1, info.id, MSG_NOSIGNAL) < 0 && (errno == EINVAL || errno == ENOSTR), "behind the end of the stream");
  size_t got = 0;
  char all[16];
  while (got < 10) {
    struct iovec w[3] = {{b[0], 4}, {b[1], 4}, {b[2], 4}};
    struct mmsghdr in[3];
    memset(in, 0, sizeof(in));
    for (int i = 0; i < 3; i++) {
      in[i].msg_hdr.msg_iov = &w[i];
      in[i].msg_hdr.msg_iovlen = 1;
    }
    int n = recvmmsg(fd, in, 3, MSG_WAITFORONE, NULL);
    check(n > 0, "recvmmsg");
    for (int i = 0; i < n; i++) {
      memcpy(all + got, b[i], in[i].msg_len);
      got += in[i].msg_len;
    }
  }
  check(got == 10 && memcmp(all, "abcdefghij", 10) == 0, "all of it");
  passing("writev, sendmmsg, recvmmsg");
}

static void counters(int fd) {
  int n = -1;
  check(ioctl(fd, SIOCOUTQ, &n) == 0 && n >= 0, "SIOCOUTQ");
  check(ioctl(fd, SIOCOUTQNSD, &n) == 0 && n >= 0, "SIOCOUTQNSD");
  refused(ioctl(fd, 0x1234, &n), ENOTTY, "an ioctl that nobody knows");
  int on = 1;
  char b;
  check(ioctl(fd, FIONBIO, &on) == 0, "FIONBIO");
  refused(recv(fd, &b, 1, 0), EAGAIN, "not waiting");
  on = 0;
  check(ioctl(fd, FIONBIO, &on) == 0 && !(fcntl(fd, F_GETFL) & O_NONBLOCK), "FIONBIO");
  passing("ioctl");
}

static void waits(int fd) {
  sigset_t none;
  sigemptyset(&none);
  struct timespec t = {0, 50000000};
  struct pollfd p = {.fd = fd, .events = POLLIN};
  check(ppoll(&p, 1, &t, &none) == 0, "ppoll");
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fd, &set);
  check(pselect(fd + 1, &set, NULL, NULL, &t, &none) == 0 && !FD_ISSET(fd, &set), "pselect");
  int e = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event v = {.events = EPOLLIN, .data.fd = fd};
  check(epoll_ctl(e, EPOLL_CTL_ADD, fd, &v) == 0, "epoll_ctl");
  check(epoll_pwait2(e, &v, 1, &t, &none) == 0 && epoll_pwait(e, &v, 1, 50, &none) == 0, "epoll_pwait2");
  order(fd, "x");
  check(ppoll(&p, 1, &t, &none) == 1 && epoll_pwait2(e, &v, 1, &t, &none) == 1, "ppoll, epoll_pwait2");
  FD_SET(fd, &set);
  check(pselect(fd + 1, &set, NULL, NULL, &t, &none) == 1 && FD_ISSET(fd, &set), "pselect");
  char b;
  take(fd, &b, 1);
  close(e);
  passing("ppoll, pselect, epoll_pwait2");
}

static void copies(int fd) {
  char b[8];
  int other = dup(fd);
  int high = fcntl(fd, F_DUPFD_CLOEXEC, 200);
  check(other >= 0 && high >= 200 && (fcntl(high, F_GETFD) & FD_CLOEXEC), "dup, F_DUPFD_CLOEXEC");
  order(other, "dup");
  take(high, b, 3);
  check(memcmp(b, "dup", 3) == 0, "dup");
  close(other);
  close(high);
  int pair[2];
  check(pipe(pair) == 0 && dup2(fd, pair[0]) == pair[0], "dup2 over a pipe");
  order(pair[0], "two");
  take(pair[0], b, 3);
  int before = quic_socket(AF_INET, SOCK_DGRAM);
  check(dup2(pair[1], before) == before, "dup2 over a QUIC socket");
  struct sockaddr_storage a;
  socklen_t len = sizeof(a);
  refused(getsockname(before, (struct sockaddr *)&a, &len), ENOTSOCK, "it is a pipe now");
  close(before);
  close(pair[0]);
  close(pair[1]);
  order(fd, "one");
  take(fd, b, 3);
  passing("dup, dup2");
}

static void children(int fd) {
  char b[8];
  fflush(stdout);
  pid_t child = fork();
  check(child >= 0, "fork");
  if (child == 0) {
    order(fd, "child");
    take(fd, b, 5);
    check(memcmp(b, "child", 5) == 0, "the child's");
    struct config config;
    check(get_option(fd, OPT_CONFIG, &config, sizeof(config)) == sizeof(config), "CONFIG in the child");
    close(fd);
    _exit(0);
  }
  int status;
  check(waitpid(child, &status, 0) == child && status == 0, "the child");
  order(fd, "parent");
  take(fd, b, 6);
  check(memcmp(b, "parent", 6) == 0, "the parent's");
  check(fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC, "FD_CLOEXEC");
  passing("fork");
}

static int on_alarm;

static void alarmed(int number) { on_alarm += number == SIGALRM; }

static void signals(int fd) {
  struct sigaction act = {.sa_handler = alarmed};
  char b;
  check(sigaction(SIGALRM, &act, NULL) == 0, "sigaction");
  struct timeval none = {0, 0};
  struct timeval limit = {20, 0};
  check(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof(none)) == 0, "SO_RCVTIMEO");
  struct itimerval soon = {{0, 0}, {0, 100000}};
  check(setitimer(ITIMER_REAL, &soon, NULL) == 0, "setitimer");
  refused(recv(fd, &b, 1, 0), EINTR, "a signal while waiting");
  check(on_alarm == 1, "the signal");
  act.sa_flags = SA_RESTART;
  check(sigaction(SIGALRM, &act, NULL) == 0, "sigaction");
  check(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0, "SO_RCVTIMEO");
  passing("signals");
}

static void over(int fd) {
  char b[8];
  refused(connect(fd, &(struct sockaddr){.sa_family = AF_UNSPEC}, sizeof(struct sockaddr)), EOPNOTSUPP, "disconnect");
  struct transport_param p = {.max_data = 100000};
  refused(set_option(fd, OPT_TRANSPORT_PARAM, &p, sizeof(p)), EINVAL, "TRANSPORT_PARAM of a connection");
  struct config c = {.keepalive_probe_interval = 2000000};
  refused(set_option(fd, OPT_CONFIG, &c, sizeof(c)), EINVAL, "CONFIG of a connection");
  check(shutdown(fd, SHUT_RD) == 0, "SHUT_RD");
  check(send(fd, "bye", 3, MSG_SYN | MSG_FIN) == 3, "send after SHUT_RD");
  struct connection_close info = {.errcode = 3};
  check(set_option(fd, OPT_CONNECTION_CLOSE, &info, sizeof(info)) == 0, "CONNECTION_CLOSE");
  check(shutdown(fd, SHUT_WR) == 0, "SHUT_WR");
  refused(send(fd, "x", 1, MSG_NOSIGNAL), EPIPE, "send after SHUT_WR");
  ssize_t r;
  while ((r = recv(fd, b, sizeof(b), MSG_DONTWAIT)) > 0) {
  }
  check(r == 0 || errno == ENOTCONN, "recv after SHUT_WR");
  passing("shutdown");
}

static int client(const char *host, int port, const char *how) {
  struct sockaddr_storage to;
  socklen_t len = address(&to, host, port);
  int fd = quic_socket(to.ss_family, SOCK_STREAM);
  early_options(fd);
  check(connect(fd, (struct sockaddr *)&to, len) == 0, "connect");
  check(tls_client(fd, how) == 0, "handshake");
  peeks(fd);
  vectors(fd);
  counters(fd);
  waits(fd);
  copies(fd);
  children(fd);
  signals(fd);
  over(fd);
  close(fd);
  return 0;
}

static int server(const char *host, int port, const char *how) {
  int listener = quic_listening(host, port, 1);
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  check(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC, "accept4");
  check(tls_server(fd, how) == 0, "handshake");
  quic_bounce(fd);
  close(fd);
  close(listener);
  return 0;
}

int main(int argc, char **argv) {
  return either_end(argc, argv, server, client);
}
