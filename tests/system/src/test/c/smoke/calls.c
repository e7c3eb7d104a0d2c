/* Every function that reads or writes, and the rest of the addresses. */
#include "calls.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define OPTION_EVENT 0
#define OPTION_STREAM_OPEN 1
#define OPTION_STREAM_RESET 2
#define OPTION_CONNECTION_CLOSE 5
#define OPTION_TRANSPORT_PARAM 8

struct connection_close {
  uint32_t errcode;
  uint8_t frame;
  uint8_t reserved[3];
  uint8_t phrase[64];
};

struct errinfo {
  int64_t stream_id;
  uint32_t errcode;
};

/* Reads as much as was written and compares. */
static void expect(int fd, const char *word) {
  char b[64] = {0};
  read_all(fd, b, strlen(word));
  check(strcmp(b, word) == 0);
}

static void writes(int fd) {
  struct iovec v[3] = {{(void *)"wri", 3}, {NULL, 0}, {(void *)"tev", 3}};
  check(writev(fd, v, 3) == 6);
  expect(fd, "writev");
  struct mmsghdr mm[2] = {{.msg_hdr = {.msg_iov = v, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = v + 2, .msg_iovlen = 1}}};
  check(sendmmsg(fd, mm, 2, 0) == 2 && mm[0].msg_len == 3 && mm[1].msg_len == 3);
  expect(fd, "writev");
  check(sendto(fd, "sendto", 6, 0, NULL, 0) == 6);
  expect(fd, "sendto");
  FILE *f = tmpfile();
  check(f != NULL && fputs("0123456789", f) >= 0 && fflush(f) == 0);
  off_t off = 2;
  check(sendfile(fd, fileno(f), &off, 5) == 5 && off == 7);
  expect(fd, "23456");
  check(lseek(fileno(f), 8, SEEK_SET) == 8 && sendfile(fd, fileno(f), NULL, 100) == 2);
  expect(fd, "89");
  fclose(f);
}

static void reads(int fd) {
  char a[4] = {0};
  char b[8] = {0};
  struct iovec v[2] = {{a, 3}, {b, 5}};
  check(write(fd, "scattered", 9) == 9);
  struct pollfd p = {fd, POLLIN, 0};
  check(poll(&p, 1, 20000) == 1);
  check(readv(fd, v, 2) == 8 && memcmp(a, "sca", 3) == 0 && memcmp(b, "ttere", 5) == 0);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fd, &set);
  struct timeval t = {20, 0};
  check(select(fd + 1, &set, NULL, NULL, &t) == 1 && FD_ISSET(fd, &set));
  int n = 0;
  check(ioctl(fd, SIOCINQ, &n) == 0);
  check(ioctl(fd, SIOCOUTQ, &n) == 0 && ioctl(fd, SIOCOUTQNSD, &n) == 0);
  socklen_t len = 77;
  struct sockaddr_in6 from;
  check(recvfrom(fd, b, sizeof b, 0, (struct sockaddr *)&from, &len) == 1 && b[0] == 'd' && len == 0);
  check(write(fd, "mm", 2) == 2);
  struct mmsghdr mm[2] = {{.msg_hdr = {.msg_iov = v, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = v, .msg_iovlen = 1}}};
  check(recvmmsg(fd, mm, 2, MSG_WAITFORONE, NULL) == 1 && mm[0].msg_len == 2 && memcmp(a, "mm", 2) == 0);
  check(recvmmsg(fd, mm, 2, MSG_DONTWAIT, NULL) == -1 && errno == EAGAIN);
}

static void datagrams(int fd) {
  static char big[4096];
  char b[64];
  uint32_t flags = 0;
  int64_t id = -1;
  check(send(fd, "datagram", 8, MSG_QUIC_DATAGRAM) == 8);
  check(quic_recvmsg(fd, b, sizeof b, &id, &flags) == 8 && (flags & MSG_QUIC_DATAGRAM) && id == -1);
  check(memcmp(b, "datagram", 8) == 0);
  check(send(fd, big, sizeof big, MSG_QUIC_DATAGRAM) == -1 && errno == EMSGSIZE);
  check(send(fd, big, 0, MSG_QUIC_DATAGRAM) == -1 && errno == EMSGSIZE);
}

static void options(int fd) {
  struct quic_stream_info info = {-1, 0};
  socklen_t len = sizeof info;
  check(getsockopt(fd, SOL_QUIC, OPTION_STREAM_OPEN, &info, &len) == 0 && info.stream_id == 4);
  check(getsockopt(fd, SOL_QUIC, OPTION_STREAM_OPEN, &info, &len) == -1 && errno == EINVAL);
  struct errinfo e = {4, 9};
  check(setsockopt(fd, SOL_QUIC, OPTION_STREAM_RESET, &e, sizeof e) == 0);
  check(setsockopt(fd, SOL_QUIC, OPTION_STREAM_RESET, &e, sizeof e) == -1);
  e.stream_id = 800;
  check(setsockopt(fd, SOL_QUIC, OPTION_STREAM_RESET, &e, sizeof e) == -1 && errno == EINVAL);
  check(setsockopt(fd, SOL_QUIC, 99, &e, sizeof e) == -1 && errno == ENOPROTOOPT);
  int n = 200000;
  len = sizeof n;
  check(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &n, len) == 0);
  check(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &n, &len) == 0 && n == 400000);
  check(getsockopt(fd, SOL_SOCKET, SO_ERROR, &n, &len) == 0 && n == 0);
  n = 1;
  check(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &n, len) == 0);
  check(getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &n, &len) == 0 && n == 1);
}

void calls_client(int fd) {
  struct connection_close c = {.errcode = 10};
  writes(fd);
  reads(fd);
  datagrams(fd);
  options(fd);
  memcpy(c.phrase, "this is app err", 16);
  check(setsockopt(fd, SOL_QUIC, OPTION_CONNECTION_CLOSE, &c, sizeof c) == 0);
  check(close(fd) == 0);
}

void calls_server(int fd) {
  static char b[65536];
  uint8_t on[2] = {5, 1};
  uint32_t flags = 0;
  check(setsockopt(fd, SOL_QUIC, OPTION_EVENT, on, 2) == 0);
  while (1) {
    int64_t id = -1;
    flags = 0;
    ssize_t n = quic_recvmsg(fd, b, sizeof b, &id, &flags);
    check(n > 0);
    if (flags & MSG_MORE) {
      break;
    }
    check(send(fd, b, (size_t)n, (int)(flags & MSG_QUIC_DATAGRAM)) == n);
  }
  /* An event: its type, and what belongs to it. */
  struct connection_close c;
  memcpy(&c, b + 1, sizeof c);
  check((flags & MSG_EOR) && b[0] == 5 && c.errcode == 10 && strcmp((char *)c.phrase, "this is app err") == 0);
  socklen_t len = sizeof c;
  check(getsockopt(fd, SOL_QUIC, OPTION_CONNECTION_CLOSE, &c, &len) == 0 && c.errcode == 10 && c.frame == 0);
  check(read(fd, b, 1) == -1 && errno == ENOTCONN);
  close(fd);
}

static volatile sig_atomic_t pipes;

static void on_pipe(int s) {
  (void)s;
  pipes++;
}

/* Version 6 addresses, mapped ones among them, and the signal of a broken connection. */
int addresses(void) {
  struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT};
  socklen_t len = sizeof a;
  int l = socket(AF_INET6, SOCK_STREAM, IPPROTO_QUIC);
  int zero = 0;
  check(l >= 0 && setsockopt(l, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero) == 0);
  check(setsockopt(l, SOL_QUIC, 11, "smoke", 5) == 0);
  check(bind(l, (struct sockaddr *)&a, sizeof a) == 0 && listen(l, 4) == 0);
  check(getsockname(l, (struct sockaddr *)&a, &len) == 0 && len == sizeof a && a.sin6_family == AF_INET6);
  struct sockaddr_in four = loopback(ntohs(a.sin6_port));
  pid_t child = fork();
  if (child == 0) {
    int c = connect_to(&four);
    char b[2];
    write_all(c, "4", 1);
    read_all(c, b, 1);
    exit(close(c));
  }
  struct sockaddr_in6 peer;
  len = sizeof peer;
  int fd = accept(l, (struct sockaddr *)&peer, &len);
  check(fd >= 0 && len == sizeof peer && peer.sin6_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr));
  check(quic_server_handshake(fd, cert, key, "smoke") == 0);
  int v = 0;
  len = sizeof v;
  check(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &v, &len) == 0 && v == AF_INET6);
  check(getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, &len) == 0 && v == SOCK_STREAM);
  len = sizeof peer;
  check(getpeername(fd, (struct sockaddr *)&peer, &len) == 0 && IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr));
  char b[2];
  read_all(fd, b, 1);
  write_all(fd, b, 1);
  int status;
  check(waitpid(child, &status, 0) == child && status == 0);
  check(read(fd, b, 1) == -1 && errno == ENOTCONN);
  signal(SIGPIPE, on_pipe);
  check(send(fd, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE && pipes == 0);
  check(write(fd, "x", 1) == -1 && errno == EPIPE && pipes == 1);
  check(close(fd) == 0 && close(l) == 0);
  return 0;
}
