#include "quicsocket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

void fail(const char *what) {
  fprintf(stderr, "FAILED %s: %s\n", what, strerror(errno));
  exit(1);
}

void check(int condition, const char *what) {
  if (!condition) {
    fail(what);
  }
}

void refused(long result, int number, const char *what) {
  if (result >= 0) {
    fprintf(stderr, "FAILED %s: %ld instead of %s\n", what, result, strerror(number));
    exit(1);
  }
  if (errno != number) {
    fprintf(stderr, "FAILED %s: %s instead of %s\n", what, strerror(errno), strerror(number));
    exit(1);
  }
}

void passed(const char *part, int number) {
  printf("%s %d\n", part, number);
  fflush(stdout);
}

socklen_t address(struct sockaddr_storage *to, const char *host, int port) {
  memset(to, 0, sizeof(*to));
  struct sockaddr_in *v4 = (struct sockaddr_in *)to;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
  if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons((uint16_t)port);
    return sizeof(*v4);
  }
  check(inet_pton(AF_INET6, host, &v6->sin6_addr) == 1, host);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons((uint16_t)port);
  return sizeof(*v6);
}

int port_of(const struct sockaddr_storage *a) {
  if (a->ss_family == AF_INET) {
    return ntohs(((const struct sockaddr_in *)a)->sin_port);
  }
  return ntohs(((const struct sockaddr_in6 *)a)->sin6_port);
}

int set_port(struct sockaddr_storage *a, int port) {
  if (a->ss_family == AF_INET) {
    ((struct sockaddr_in *)a)->sin_port = htons((uint16_t)port);
    return sizeof(struct sockaddr_in);
  }
  ((struct sockaddr_in6 *)a)->sin6_port = htons((uint16_t)port);
  return sizeof(struct sockaddr_in6);
}

int quic_socket(int family, int type) {
  struct timeval limit = {20, 0};
  int fd = socket(family, type, IPPROTO_QUIC);
  check(fd >= 0, "socket");
  check(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0, "SO_RCVTIMEO");
  check(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0, "SO_SNDTIMEO");
  return fd;
}

int quic_bound(const char *host, int port) {
  struct sockaddr_storage at;
  socklen_t len = address(&at, host, port);
  int fd = quic_socket(at.ss_family, SOCK_DGRAM);
  check(bind(fd, (struct sockaddr *)&at, len) == 0, "bind");
  return fd;
}

int quic_listening(const char *host, int port, int backlog) {
  int fd = quic_bound(host, port);
  check(listen(fd, backlog) == 0, "listen");
  printf("ready\n");
  fflush(stdout);
  return fd;
}

int set_option(int fd, int name, const void *value, socklen_t len) {
  return setsockopt(fd, SOL_QUIC, name, value, len);
}

int get_option(int fd, int name, void *value, socklen_t len) {
  return getsockopt(fd, SOL_QUIC, name, value, &len) == 0 ? (int)len : -1;
}

int event_switch(int fd, int type, int on) {
  struct event_option event = {(uint8_t)type, (uint8_t)on};
  return set_option(fd, OPT_EVENT, &event, sizeof(event));
}

/* A message with one control message of ours. */
static ssize_t send_with(int fd, int type, const void *info, size_t size, const void *data, size_t len, int flags) {
  union {
    char room[CMSG_SPACE(sizeof(struct stream_info))];
    struct cmsghdr align;
  } control;
  struct iovec part = {(void *)data, len};
  struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
  memset(&control, 0, sizeof(control));
  m.msg_control = control.room;
  m.msg_controllen = CMSG_SPACE(size);
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_QUIC;
  c->cmsg_type = type;
  c->cmsg_len = CMSG_LEN(size);
  memcpy(CMSG_DATA(c), info, size);
  return sendmsg(fd, &m, flags);
}

ssize_t quic_send(int fd, const void *data, size_t len, int64_t stream, uint32_t flags) {
  struct stream_info info = {stream, flags & STREAM_FLAGS};
  return send_with(fd, QUIC_STREAM_INFO, &info, sizeof(info), data, len, (int)(flags & ~(uint32_t)STREAM_FLAGS));
}

ssize_t quic_recv(int fd, void *data, size_t len, int64_t *stream, uint32_t *flags) {
  union {
    char room[CMSG_SPACE(sizeof(struct stream_info))];
    struct cmsghdr align;
  } control;
  struct iovec part = {data, len};
  struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
  memset(&control, 0, sizeof(control));
  m.msg_control = control.room;
  m.msg_controllen = sizeof(control.room);
  ssize_t n = recvmsg(fd, &m, (int)*flags);
  if (n < 0) {
    return n;
  }
  *flags = (uint32_t)m.msg_flags;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    if (c->cmsg_level == SOL_QUIC && c->cmsg_type == QUIC_STREAM_INFO) {
      struct stream_info info;
      memcpy(&info, CMSG_DATA(c), sizeof(info));
      *stream = info.id;
      *flags |= info.flags;
    }
  }
  return n;
}

void quic_bounce(int fd) {
  for (;;) {
    char b[256];
    int64_t stream = -1;
    uint32_t flags = 0;
    ssize_t n = quic_recv(fd, b, sizeof(b), &stream, &flags);
    if (n < 0) {
      check(errno == ENOTCONN, "the client's end");
      return;
    }
    ssize_t r = quic_send(fd, b, (size_t)n, stream, (flags & STREAM_FIN) | MSG_NOSIGNAL);
    check(r == n || errno == EPIPE, "answer");
  }
}

ssize_t handshake_send(int fd, int level, const void *data, size_t len, int flags) {
  struct handshake_info info = {(uint8_t)level};
  return send_with(fd, QUIC_HANDSHAKE_INFO, &info, sizeof(info), data, len, flags | MSG_NOSIGNAL);
}

int handshake_recv(int fd, void *data, size_t *len, int flags) {
  union {
    char room[CMSG_SPACE(sizeof(struct handshake_info))];
    struct cmsghdr align;
  } control;
  struct iovec part = {data, *len};
  struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
  memset(&control, 0, sizeof(control));
  m.msg_control = control.room;
  m.msg_controllen = sizeof(control.room);
  ssize_t n = recvmsg(fd, &m, flags);
  if (n < 0) {
    return -1;
  }
  *len = (size_t)n;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    if (c->cmsg_level == SOL_QUIC && c->cmsg_type == QUIC_HANDSHAKE_INFO) {
      struct handshake_info info;
      memcpy(&info, CMSG_DATA(c), sizeof(info));
      return info.level;
    }
  }
  fprintf(stderr, "FAILED handshake: a message of %zd bytes without its level\n", n);
  exit(1);
}

int either_end(int argc, char **argv, program_end *server, program_end *client) {
  if (argc != 5) {
    fprintf(stderr, "usage: %s server|client ADDRESS PORT fake[:CIPHER]|x509:FILE:FILE-OR-NAME\n", argv[0]);
    return 64;
  }
  program_end *run = strcmp(argv[1], "server") == 0 ? server : client;
  return run(argv[2], atoi(argv[3]), argv[4]);
}

int tls_client(int fd, const char *how) {
  if (strncmp(how, "fake", 4) == 0) {
    return fake_client(fd, how[4] == ':' ? atoi(how + 5) : CIPHER_AES_GCM_128, 0);
  }
  return gnutls_client(fd, how);
}

int tls_server(int fd, const char *how) {
  if (strncmp(how, "fake", 4) == 0) {
    return fake_server(fd, how[4] == ':' ? atoi(how + 5) : CIPHER_AES_GCM_128, 0);
  }
  return gnutls_server(fd, how);
}
