/*
 * Programs that mean no good.
 *
 * hostile flood SOCKET      control calls as fast as they go, no answer read, for a second; then again with answers
 * hostile garbage SOCKET    packets of all sorts on the control connection and on data descriptors
 * hostile hoard SOCKET      sockets until there are no more, over several connections
 * hostile mute server|client ADDRESS PORT HOW   (QUIC) a server that sends all it can to a client that never reads
 * hostile victim server|client ADDRESS PORT HOW (QUIC) an honest pair, a thousand words both ways
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "quicsocket.h"

#define WORDS 1000
#define CONNECTIONS 40

struct call {
  uint16_t op;
  uint16_t flags;
  uint32_t seq;
  uint32_t value;
  uint32_t len;
  uint32_t payload[4];
};

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int line(const char *path) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  check(strlen(path) < sizeof(a.sun_path), path);
  strcpy(a.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  check(fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0, path);
  return fd;
}

static struct call socket_call(uint32_t seq) {
  return (struct call){.op = 1, .seq = seq, .len = 12, .payload = {AF_INET, SOCK_DGRAM, IPPROTO_QUIC}};
}

/* An answer; the result. A descriptor that came along is in *came. */
static int answer(int fd, int *came) {
  struct call c;
  union {
    char room[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct iovec v = {&c, sizeof(c)};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control)};
  ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
  check(n >= 16, "an answer");
  *came = -1;
  struct cmsghdr *h = CMSG_FIRSTHDR(&m);
  if (h != NULL) {
    memcpy(came, CMSG_DATA(h), sizeof(int));
  }
  return (int)c.value;
}

static int flood(const char *path) {
  int fd = line(path);
  long sent = 0;
  for (double end = seconds() + 1; seconds() < end;) {
    struct call c = socket_call((uint32_t)sent);
    c.op = sent % 2 ? 8 : 1;
    sent += send(fd, &c, c.op == 1 ? 32 : 16, MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
  }
  printf("%ld calls without reading\n", sent);
  close(fd);
  fd = line(path);
  for (int i = 0; i < 2000; i++) {
    struct call c = socket_call((uint32_t)i);
    int came;
    check(send(fd, &c, 32, MSG_NOSIGNAL) == 32, "SOCKET");
    check(answer(fd, &came) > 0 && came >= 0, "a socket");
    close(came);
  }
  close(fd);
  return 0;
}

static uint32_t seed = 7;

static uint32_t random_number(void) {
  seed = seed * 1664525 + 1013904223;
  return seed >> 8;
}

static void noise(int fd, int headers) {
  unsigned char b[70000];
  for (size_t i = 0; i < sizeof(b); i++) {
    b[i] = (unsigned char)random_number();
  }
  for (int i = 0; i < 3000; i++) {
    size_t n = 1 + random_number() % (i % 50 == 0 ? sizeof(b) : 200);
    uint16_t type = (uint16_t)(random_number() % 32);
    if (headers && n > sizeof(type)) {
      memcpy(b, &type, sizeof(type));
    }
    if (send(fd, b, n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN && errno != EMSGSIZE) {
      return;
    }
    unsigned char drop[256];
    while (recv(fd, drop, sizeof(drop), MSG_DONTWAIT) > 0) {
    }
  }
}

static int garbage(const char *path) {
  for (int headers = 0; headers < 2; headers++) {
    int fd = line(path);
    noise(fd, headers);
    close(fd);
    fd = line(path);
    for (int i = 0; i < 3; i++) {
      struct call c = socket_call(1);
      int came;
      check(send(fd, &c, 32, MSG_NOSIGNAL) == 32 && answer(fd, &came) > 0, "SOCKET");
      check(came >= 0, "a data descriptor");
      noise(came, headers);
      close(came);
    }
    close(fd);
  }
  return 0;
}

static int hoard(const char *path) {
  long all = 0;
  int why = 0;
  while (all < 15000 && why == 0) {
    int fd = line(path);
    for (int i = 0; i < 4000 && why == 0; i++) {
      struct call c = socket_call((uint32_t)i);
      int came;
      check(send(fd, &c, 32, MSG_NOSIGNAL) == 32, "SOCKET");
      int r = answer(fd, &came);
      if (r < 0 || came < 0) {
        why = r < 0 ? -r : EMFILE;
      } else {
        all++;
      }
    }
  }
  printf("%ld sockets: %s\n", all, strerror(why));
  return 0;
}

/* Many connections; the server says all it can, the client nothing and reads nothing until it is ended. */
static int mute(int server, const char *host, int port, const char *how) {
  static char much[65536];
  struct sockaddr_storage to;
  socklen_t len = address(&to, host, port);
  int fds[CONNECTIONS];
  int listener = server ? quic_listening(host, port, CONNECTIONS) : -1;
  for (int i = 0; i < CONNECTIONS; i++) {
    fds[i] = server ? accept(listener, NULL, NULL) : quic_socket(to.ss_family, SOCK_DGRAM);
    check(fds[i] >= 0, "a socket");
    check(server || connect(fds[i], (struct sockaddr *)&to, len) == 0, "connect");
    check((server ? tls_server(fds[i], how) : tls_client(fds[i], how)) == 0, "handshake");
  }
  for (int i = 0; server && i < CONNECTIONS; i++) {
    while (quic_send(fds[i], much, sizeof(much), 1, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
    }
  }
  printf("full\n");
  fflush(stdout);
  pause();
  return 0;
}

static int victim(int server, const char *host, int port, const char *how) {
  struct sockaddr_storage to;
  socklen_t len = address(&to, host, port);
  int fd;
  if (server) {
    int listener = quic_listening(host, port, 1);
    fd = accept(listener, NULL, NULL);
    check(fd >= 0 && tls_server(fd, how) == 0, "handshake");
  } else {
    fd = quic_socket(to.ss_family, SOCK_DGRAM);
    check(connect(fd, (struct sockaddr *)&to, len) == 0 && tls_client(fd, how) == 0, "handshake");
  }
  printf("connected\n");
  fflush(stdout);
  char word[16];
  char back[16];
  for (int i = 0; i < WORDS; i++) {
    memset(word, i, sizeof(word));
    if (!server) {
      check(send(fd, word, sizeof(word), MSG_NOSIGNAL) == sizeof(word), "send");
    }
    check(recv(fd, back, sizeof(back), MSG_WAITALL) == sizeof(back), "recv");
    check(memcmp(word, back, sizeof(word)) == 0, "the same word");
    if (server) {
      check(send(fd, back, sizeof(back), MSG_NOSIGNAL) == sizeof(back), "answer");
    }
  }
  if (server) {
    check(recv(fd, back, 1, 0) < 0 && errno == ENOTCONN, "the client's end");
  }
  printf("%d words\n", WORDS);
  close(fd);
  return 0;
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  if (argc == 3) {
    const char *what = argv[1];
    return strcmp(what, "flood") == 0     ? flood(argv[2])
           : strcmp(what, "garbage") == 0 ? garbage(argv[2])
           : strcmp(what, "hoard") == 0   ? hoard(argv[2])
                                          : 64;
  }
  if (argc == 6) {
    int server = strcmp(argv[2], "server") == 0;
    int (*run)(int, const char *, int, const char *) = strcmp(argv[1], "mute") == 0 ? mute : victim;
    return run(server, argv[3], atoi(argv[4]), argv[5]);
  }
  fprintf(stderr, "usage: hostile flood|garbage|hoard SOCKET | hostile mute|victim server|client ADDRESS PORT HOW\n");
  return 64;
}
