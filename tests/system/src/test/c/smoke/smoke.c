/*
 * smoke CASE CERT KEY: one case over an ordinary QUIC socket, client and server as parent and child.
 * Exit code 0: it went well. Compiled against libc, GnuTLS and the numbers of linux/quic.h.
 */
#include "smoke.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/wait.h>

const char *cert;
const char *key;
const char *self;

void fail(int line, const char *what) {
  fprintf(stderr, "%d: line %d: %s: %s\n", (int)getpid(), line, what, strerror(errno));
  exit(1);
}

struct sockaddr_in loopback(int port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return a;
}

void write_all(int fd, const void *b, size_t n) {
  const char *p = b;
  while (n > 0) {
    ssize_t r = write(fd, p, n);
    check(r > 0);
    p += r;
    n -= (size_t)r;
  }
}

void read_all(int fd, void *b, size_t n) {
  char *p = b;
  while (n > 0) {
    ssize_t r = read(fd, p, n);
    check(r > 0);
    p += r;
    n -= (size_t)r;
  }
}

int listen_any(struct sockaddr_in *a) {
  socklen_t len = sizeof *a;
  int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_QUIC);
  check(fd >= 0);
  *a = loopback(0);
  /* Datagrams of 1400 bytes; everything else stays as it is. */
  uint8_t parameters[56] = {0};
  parameters[8] = 1400 & 0xff;
  parameters[9] = 1400 >> 8;
  check(setsockopt(fd, SOL_QUIC, 8, parameters, sizeof parameters) == 0);
  check(setsockopt(fd, SOL_QUIC, 11, "smoke", 5) == 0);
  check(bind(fd, (struct sockaddr *)a, sizeof *a) == 0);
  check(listen(fd, 8) == 0);
  check(getsockname(fd, (struct sockaddr *)a, &len) == 0);
  check(len == sizeof *a && a->sin_port != 0);
  return fd;
}

int accept_one(int listener) {
  struct sockaddr_in peer;
  socklen_t len = sizeof peer;
  int fd = accept(listener, (struct sockaddr *)&peer, &len);
  check(fd >= 0);
  check(len == sizeof peer && peer.sin_family == AF_INET && peer.sin_port != 0);
  check(quic_server_handshake(fd, cert, key, "smoke") == 0);
  return fd;
}

int connect_to(const struct sockaddr_in *a) {
  int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_QUIC);
  check(fd >= 0);
  uint8_t parameters[56] = {0};
  parameters[8] = 1400 & 0xff;
  parameters[9] = 1400 >> 8;
  check(setsockopt(fd, SOL_QUIC, 8, parameters, sizeof parameters) == 0);
  check(connect(fd, (const struct sockaddr *)a, sizeof *a) == 0);
  check(quic_client_handshake(fd, "localhost", "smoke") == 0);
  return fd;
}

static int pair(const struct smoke_case *c) {
  struct sockaddr_in a;
  int listener = listen_any(&a);
  pid_t child = fork();
  check(child >= 0);
  if (child == 0) {
    alarm(120);
    int fd = accept_one(listener);
    close(listener);
    c->server(fd);
    exit(0);
  }
  close(listener);
  int fd = connect_to(&a);
  c->client(fd);
  int status = 0;
  check(waitpid(child, &status, 0) == child);
  check(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  return 0;
}

int main(int argc, char **argv) {
  alarm(120);
  if (argc >= 3 && strcmp(argv[1], "--child") == 0) {
    return after_exec(argc, argv);
  }
  if (argc != 4) {
    fprintf(stderr, "smoke CASE CERT KEY\n");
    return 2;
  }
  self = argv[0];
  cert = argv[2];
  key = argv[3];
  for (const struct smoke_case *c = smoke_cases; c->name != NULL; c++) {
    if (strcmp(c->name, argv[1]) == 0) {
      return c->whole ? c->whole() : pair(c);
    }
  }
  fprintf(stderr, "smoke: no case %s\n", argv[1]);
  return 2;
}
