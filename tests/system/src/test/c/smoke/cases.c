/* The cases. */
#include "calls.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>

/* Echo: messages, options, names. */

static void echo_client(int fd) {
  char b[64];
  int v = -1;
  socklen_t len = sizeof v;
  check(getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &v, &len) == 0 && v == IPPROTO_QUIC);
  check(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &v, &len) == 0 && v == AF_INET);
  check(getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, &len) == 0 && v == SOCK_DGRAM);
  check(quic_sendmsg(fd, "hello", 5, 0, MSG_QUIC_STREAM_NEW | MSG_QUIC_STREAM_FIN) == 5);
  int64_t id = -1;
  uint32_t flags = 0;
  check(quic_recvmsg(fd, b, sizeof b, &id, &flags) == 5 && memcmp(b, "hello", 5) == 0);
  check(id == 0 && (flags & MSG_QUIC_STREAM_FIN));
  check(quic_sendmsg(fd, "x", 1, 0, MSG_NOSIGNAL) == -1 && (errno == ENOSTR || errno == EINVAL));
  check(quic_sendmsg(fd, "x", 1, 3, MSG_QUIC_STREAM_NEW) == -1 && errno == EINVAL);
  check(quic_sendmsg(fd, "x", 1, 4000, MSG_QUIC_STREAM_NEW | MSG_QUIC_STREAM_DONTWAIT) == -1 && errno == EAGAIN);
  /* Short reads lose nothing, peeking takes nothing, and poll stays true. */
  check(send(fd, "0123456789", 10, MSG_QUIC_STREAM_NEW | MSG_QUIC_STREAM_FIN) == 10);
  struct pollfd p = {fd, POLLIN, 0};
  check(poll(&p, 1, 20000) == 1 && (p.revents & POLLIN));
  check(recv(fd, b, 3, MSG_PEEK) == 3 && memcmp(b, "012", 3) == 0);
  check(recv(fd, b, 3, 0) == 3 && memcmp(b, "012", 3) == 0);
  check(recv(fd, b, 3, MSG_PEEK) == 3 && memcmp(b, "345", 3) == 0);
  check(poll(&p, 1, 0) == 1 && (p.revents & POLLIN));
  flags = 0;
  check(quic_recvmsg(fd, b, 4, &id, &flags) == 4 && memcmp(b, "3456", 4) == 0 && !(flags & MSG_QUIC_STREAM_FIN));
  flags = 0;
  check(quic_recvmsg(fd, b, 64, &id, &flags) == 3 && memcmp(b, "789", 3) == 0 && (flags & MSG_QUIC_STREAM_FIN));
  check(poll(&p, 1, 0) == 0);
  check(recv(fd, b, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
  struct timeval t = {0, 20000};
  check(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t) == 0);
  check(recv(fd, b, 1, 0) == -1 && errno == EAGAIN);
  check(shutdown(fd, SHUT_RDWR) == 0);
  check(send(fd, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
  close(fd);
  check(send(fd, "x", 1, MSG_NOSIGNAL) == -1 && errno == EBADF);
}

static void echo_server(int fd) {
  static char b[65536];
  while (1) {
    int64_t id = -1;
    uint32_t flags = 0;
    ssize_t n = quic_recvmsg(fd, b, sizeof b, &id, &flags);
    if (n < 0) {
      check(errno == ENOTCONN);
      break;
    }
    if (id % 4 == 0) {
      check(quic_sendmsg(fd, b, (size_t)n, id, flags & MSG_QUIC_STREAM_FIN) == n);
    }
  }
  struct pollfd p = {fd, POLLIN, 0};
  check(poll(&p, 1, 0) == 1 && (p.revents & POLLHUP));
  check(send(fd, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
  close(fd);
}

/* Bulk: nine megabytes each way on the one stream, as over TCP. */

#define BULK 9000000

static unsigned char byte_at(size_t i) { return (unsigned char)(i * 7 + (i >> 11)); }

static void give(int fd, size_t piece) {
  unsigned char *b = malloc(piece);
  for (size_t done = 0; done < BULK;) {
    size_t n = BULK - done < piece ? BULK - done : piece;
    for (size_t i = 0; i < n; i++) {
      b[i] = byte_at(done + i);
    }
    write_all(fd, b, n);
    done += n;
  }
  free(b);
}

static void take(int fd, size_t piece) {
  unsigned char *b = malloc(piece);
  for (size_t done = 0; done < BULK;) {
    size_t n = BULK - done < piece ? BULK - done : piece;
    read_all(fd, b, n);
    for (size_t i = 0; i < n; i++) {
      check(b[i] == byte_at(done + i));
    }
    done += n;
  }
  free(b);
}

static void bulk_client(int fd) {
  char b[2];
  give(fd, 100000);
  take(fd, 5000);
  write_all(fd, "ok", 2);
  read_all(fd, b, 2);
  close(fd);
}

static void bulk_server(int fd) {
  char b[2];
  take(fd, 70000);
  give(fd, 1024);
  read_all(fd, b, 2);
  write_all(fd, "ok", 2);
  read(fd, b, 1);
  close(fd);
}

/* Whatever a socket can be handed on by. */

static int exchange(int fd, const char *word) {
  char b[32] = {0};
  size_t n = strlen(word);
  write_all(fd, word, n);
  read_all(fd, b, n);
  return memcmp(b, word, n) == 0;
}

static void handing_client(int fd) {
  check(exchange(fd, "plain"));
  int other = dup(fd);
  check(other >= 0 && close(fd) == 0);
  check(exchange(other, "dup"));
  int third = fcntl(other, F_DUPFD_CLOEXEC, 100);
  check(third >= 100);
  check(exchange(third, "fcntl"));
  check(dup2(third, other) == other && close(third) == 0);
  check(exchange(other, "dup2"));
  pid_t child = fork();
  if (child == 0) {
    _exit(exchange(other, "fork") && close(other) == 0 ? 0 : 1);
  }
  int status;
  check(waitpid(child, &status, 0) == child && status == 0);
  check(exchange(other, "after fork"));
  /* The other program has the number, and the library in its environment. */
  char number[16];
  snprintf(number, sizeof number, "%d", other);
  child = fork();
  if (child == 0) {
    execl(self, self, "--child", number, (char *)NULL);
    _exit(127);
  }
  check(waitpid(child, &status, 0) == child && status == 0);
  /* By a message: the child gets it and the parent lets go of it. */
  int pipe_ends[2];
  check(socketpair(AF_UNIX, SOCK_DGRAM, 0, pipe_ends) == 0);
  child = fork();
  if (child == 0) {
    char control[CMSG_SPACE(sizeof(int))];
    char b;
    close(other);
    struct iovec v = {&b, 1};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    check(recvmsg(pipe_ends[1], &m, 0) == 1);
    int got;
    memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof got);
    check(exchange(got, "passed"));
    _exit(close(got) == 0 ? 0 : 1);
  }
  char control[CMSG_SPACE(sizeof(int))] = {0};
  struct iovec v = {(void *)"!", 1};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(c), &other, sizeof other);
  check(sendmsg(pipe_ends[0], &m, 0) == 1);
  check(waitpid(child, &status, 0) == child && status == 0);
  check(exchange(other, "last"));
  close(other);
}

int after_exec(int argc, char **argv) {
  (void)argc;
  int fd = atoi(argv[2]);
  int v = 0;
  socklen_t len = sizeof v;
  check(getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &v, &len) == 0 && v == IPPROTO_QUIC);
  return exchange(fd, "exec") ? 0 : 1;
}

static void mirror_server(int fd) {
  char b[4096];
  ssize_t n;
  while ((n = read(fd, b, sizeof b)) > 0) {
    write_all(fd, b, (size_t)n);
  }
  check(n < 0 && errno == ENOTCONN);
  close(fd);
}

/* An event loop: non-blocking sockets under epoll. */

static void loop_client(int fd) {
  check(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
  int ep = epoll_create1(0);
  struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data = {.fd = fd}};
  check(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) == 0);
  size_t out = 0;
  size_t in = 0;
  size_t total = 3000000;
  while (in < total) {
    unsigned char b[3000];
    check(epoll_wait(ep, &e, 1, 20000) == 1);
    if ((e.events & EPOLLOUT) && out < total) {
      size_t n = total - out < sizeof b ? total - out : sizeof b;
      for (size_t i = 0; i < n; i++) {
        b[i] = byte_at(out + i);
      }
      ssize_t r = send(fd, b, n, 0);
      check(r > 0 || errno == EAGAIN);
      out += r > 0 ? (size_t)r : 0;
    }
    if (out == total) {
      struct epoll_event only = {.events = EPOLLIN, .data = {.fd = fd}};
      epoll_ctl(ep, EPOLL_CTL_MOD, fd, &only);
    }
    if (e.events & EPOLLIN) {
      ssize_t r = recv(fd, b, sizeof b, 0);
      check(r > 0 || errno == EAGAIN);
      for (ssize_t i = 0; i < r; i++) {
        check(b[i] == byte_at(in + (size_t)i));
      }
      in += r > 0 ? (size_t)r : 0;
    }
  }
  close(ep);
  close(fd);
}

/* Many threads on many sockets. */

#define THREADS 8

static void *thread(void *arg) {
  int fd = *(int *)arg;
  char b[700];
  char got[700];
  for (int i = 0; i < 50; i++) {
    memset(b, 'a' + i % 26, sizeof b);
    write_all(fd, b, sizeof b);
    read_all(fd, got, sizeof got);
    check(memcmp(b, got, sizeof b) == 0);
  }
  close(fd);
  return NULL;
}

static int threads(void) {
  struct sockaddr_in a;
  int listener = listen_any(&a);
  pid_t child = fork();
  if (child == 0) {
    pid_t workers[THREADS];
    for (int i = 0; i < THREADS; i++) {
      int fd = accept_one(listener);
      workers[i] = fork();
      if (workers[i] == 0) {
        mirror_server(fd);
        _exit(0);
      }
      close(fd);
    }
    for (int i = 0; i < THREADS; i++) {
      int status;
      check(waitpid(workers[i], &status, 0) == workers[i] && status == 0);
    }
    exit(0);
  }
  close(listener);
  int fds[THREADS];
  pthread_t t[THREADS];
  for (int i = 0; i < THREADS; i++) {
    fds[i] = connect_to(&a);
  }
  for (int i = 0; i < THREADS; i++) {
    check(pthread_create(&t[i], NULL, thread, &fds[i]) == 0);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(t[i], NULL);
  }
  int status;
  check(waitpid(child, &status, 0) == child && status == 0);
  return 0;
}

/* What is none of ours goes straight through. */

static int passthrough(void) {
  struct sockaddr_in a = loopback(0);
  socklen_t len = sizeof a;
  char b[32];
  int l = socket(AF_INET, SOCK_STREAM, 0);
  check(l >= 0 && bind(l, (struct sockaddr *)&a, sizeof a) == 0 && listen(l, 1) == 0);
  check(getsockname(l, (struct sockaddr *)&a, &len) == 0);
  int c = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  check(connect(c, (struct sockaddr *)&a, sizeof a) == 0);
  int s = accept4(l, NULL, NULL, SOCK_CLOEXEC);
  check(s >= 0 && exchange(c, "") == 1);
  check(write(c, "tcp", 3) == 3 && read(s, b, sizeof b) == 3);
  int v;
  len = sizeof v;
  check(getsockopt(c, SOL_SOCKET, SO_PROTOCOL, &v, &len) == 0 && v == IPPROTO_TCP);
  check(ioctl(c, FIONREAD, &v) == 0 && v == 0);
  check(close(s) == 0 && close(c) == 0 && close(l) == 0);
  int u = socket(AF_INET, SOCK_DGRAM, 0);
  a = loopback(0);
  len = sizeof a;
  check(bind(u, (struct sockaddr *)&a, sizeof a) == 0 && getsockname(u, (struct sockaddr *)&a, &len) == 0);
  check(sendto(u, "udp", 3, 0, (struct sockaddr *)&a, sizeof a) == 3);
  check(recvfrom(u, b, sizeof b, 0, NULL, NULL) == 3 && close(u) == 0);
  int n = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  struct sockaddr_nl nl = {.nl_family = AF_NETLINK};
  check(n >= 0 && bind(n, (struct sockaddr *)&nl, sizeof nl) == 0);
  len = sizeof nl;
  check(getsockname(n, (struct sockaddr *)&nl, &len) == 0 && nl.nl_pid != 0 && close(n) == 0);
  check(socket(AF_INET, SOCK_RAW, IPPROTO_QUIC) == -1 && errno == ESOCKTNOSUPPORT);
  int q = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_QUIC);
  check(q >= 0 && (fcntl(q, F_GETFL) & O_NONBLOCK) && (fcntl(q, F_GETFD) & FD_CLOEXEC));
  check(recv(q, b, 1, 0) == -1 && errno == ENOTCONN);
  check(send(q, b, 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
  check(accept(q, NULL, NULL) == -1 && errno == EINVAL);
  check(getpeername(q, (struct sockaddr *)&a, &len) == -1 && errno == ENOTCONN);
  check(close(q) == 0 && close(q) == -1 && errno == EBADF);
  return 0;
}

const struct smoke_case smoke_cases[] = {
    {"echo", echo_client, echo_server, NULL},
    {"bulk", bulk_client, bulk_server, NULL},
    {"handing", handing_client, mirror_server, NULL},
    {"loop", loop_client, mirror_server, NULL},
    {"calls", calls_client, calls_server, NULL},
    {"addresses", NULL, NULL, addresses},
    {"stall", NULL, NULL, stall},
    {"tables", NULL, NULL, tables},
    {"threads", NULL, NULL, threads},
    {"passthrough", NULL, NULL, passthrough},
    {NULL, NULL, NULL, NULL}};
