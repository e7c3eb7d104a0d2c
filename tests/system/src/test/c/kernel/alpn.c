/*
 * ALPN and preferred addresses on IPv6 sockets: three clients one after the other, each with a name
 * of its own, each moved to another port of the preferred address.
 *
 * alpn server ADDRESS PORT HOW PREFERRED | alpn client ADDRESS PORT HOW PREFERRED
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "quicsocket.h"

static const char *const names[] = {"smbd", "h3", "ksmbd"};

static socklen_t preferred(struct sockaddr_storage *to, const char *host, int port, int i) {
  return address(to, host, port + 1 + i);
}

/* An address as 16 bytes, a plain one of IPv4 like a mapped one. */
static void bytes_of(const struct sockaddr_storage *a, unsigned char *to) {
  if (a->ss_family == AF_INET6) {
    memcpy(to, &((const struct sockaddr_in6 *)a)->sin6_addr, 16);
    return;
  }
  memset(to, 0, 10);
  memset(to + 10, 0xff, 2);
  memcpy(to + 12, &((const struct sockaddr_in *)a)->sin_addr, 4);
}

static int same(const struct sockaddr_storage *a, const struct sockaddr_storage *b) {
  unsigned char one[16];
  unsigned char two[16];
  bytes_of(a, one);
  bytes_of(b, two);
  return port_of(a) == port_of(b) && memcmp(one, two, 16) == 0;
}

static void moved(int fd, int peer, const struct sockaddr_storage *wanted) {
  for (int i = 0; i < 300; i++) {
    struct sockaddr_storage a;
    socklen_t len = sizeof(a);
    struct sockaddr *s = (struct sockaddr *)&a;
    check((peer ? getpeername(fd, s, &len) : getsockname(fd, s, &len)) == 0, "name");
    if (same(&a, wanted)) {
      return;
    }
    nanosleep(&(struct timespec){0, 10000000}, NULL);
  }
  errno = ETIMEDOUT;
  fail(peer ? "getpeername" : "getsockname");
}

static void hear(int fd, const char *text) {
  char buf[64];
  size_t len = 0;
  while (len < strlen(text)) {
    ssize_t n = recv(fd, buf + len, sizeof(buf) - len, 0);
    check(n > 0, text);
    len += (size_t)n;
  }
  check(memcmp(buf, text, len) == 0, text);
}

static void say(int fd, const char *text) {
  check(send(fd, text, strlen(text), MSG_SYN | MSG_FIN) == (ssize_t)strlen(text), text);
}

static int server(const char *host, int port, const char *how, const char *to) {
  struct sockaddr_storage at;
  socklen_t len = address(&at, host, port);
  char text[64];
  int listener = quic_socket(AF_INET6, SOCK_DGRAM);
  check(bind(listener, (struct sockaddr *)&at, len) == 0, "bind");
  check(set_option(listener, OPT_ALPN, "smbd, h3, ksmbd", 15) == 0, "ALPN");
  check(listen(listener, 2) == 0, "listen");
  refused(set_option(listener, OPT_ALPN, "h3", 2), EINVAL, "ALPN of a listener");
  check(get_option(listener, OPT_ALPN, text, sizeof(text)) == 13, "ALPN");
  check(memcmp(text, "smbd,h3,ksmbd", 13) == 0, "ALPN");
  refused(get_option(listener, OPT_ALPN, text, 13), EINVAL, "room for the list");
  printf("ready\n");
  fflush(stdout);
  for (int i = 0; i < 3; i++) {
    struct sockaddr_storage pref;
    int fd = accept(listener, NULL, NULL);
    check(fd >= 0, "accept");
    len = preferred(&pref, to, port, i);
    check(set_option(fd, OPT_CONNECTION_MIGRATION, &pref, len) == 0, "preferred address");
    check(tls_server(fd, how) == 0, "handshake");
    snprintf(text, sizeof(text), "hello %s", names[i]);
    hear(fd, text);
    say(fd, text);
    moved(fd, 0, &pref);
    hear(fd, "bye");
    close(fd);
  }
  close(listener);
  return 0;
}

static int client(const char *host, int port, const char *how, const char *to) {
  for (int i = 0; i < 3; i++) {
    struct sockaddr_storage at;
    struct sockaddr_storage pref;
    char text[64];
    socklen_t len = address(&at, host, port);
    int fd = quic_socket(AF_INET6, SOCK_DGRAM);
    check(set_option(fd, OPT_ALPN, names[i], (socklen_t)strlen(names[i])) == 0, "ALPN");
    check(connect(fd, (struct sockaddr *)&at, len) == 0, "connect");
    check(tls_client(fd, how) == 0, "handshake");
    snprintf(text, sizeof(text), "hello %s", names[i]);
    say(fd, text);
    hear(fd, text);
    preferred(&pref, to, port, i);
    moved(fd, 1, &pref);
    say(fd, "bye");
    char end;
    refused(recv(fd, &end, 1, 0), ENOTCONN, "after the end");
    close(fd);
    printf("%s\n", names[i]);
    fflush(stdout);
  }
  return 0;
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  if (argc != 6) {
    fprintf(stderr, "usage: alpn server|client ADDRESS PORT HOW PREFERRED\n");
    return 64;
  }
  int (*run)(const char *, int, const char *, const char *) =
      strcmp(argv[1], "server") == 0 ? server : client;
  return run(argv[2], atoi(argv[3]), argv[4], argv[5]);
}
