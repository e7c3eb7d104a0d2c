/*
 * Resumption, with fake TLS or GnuTLS's: a first connection brings a ticket, a token and the server's limits; the
 * second one sends before its handshake.
 *
 * ticket server ADDRESS PORT HOW | ticket client ADDRESS PORT HOW
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "quicsocket.h"

static void hear(int fd, const char *text, int64_t wanted) {
  char buf[256];
  size_t len = 0;
  while (len < strlen(text)) {
    int64_t stream = -1;
    uint32_t flags = 0;
    ssize_t n = quic_recv(fd, buf + len, sizeof(buf) - len, &stream, &flags);
    check(n > 0 && stream == wanted, text);
    len += (size_t)n;
  }
  check(memcmp(buf, text, len) == 0, text);
}

static void say(int fd, const char *text, int64_t stream) {
  uint32_t flags = STREAM_NEW | STREAM_FIN;
  check(quic_send(fd, text, strlen(text), stream, flags) == (ssize_t)strlen(text), text);
}

static int server(const char *host, int port, const char *how) {
  unsigned char keys[2][64];
  unsigned char big[4097] = {0};
  int listener = quic_bound(host, port);
  check(listen(listener, 2) == 0, "listen");
  refused(get_option(listener, OPT_SESSION_TICKET, keys[0], 64), EPIPE, "ticket of a listener");
  refused(get_option(listener, OPT_TOKEN, big, 120), EINVAL, "token of a listener");
  printf("ready\n");
  fflush(stdout);
  for (int i = 0; i < 2; i++) {
    int fd = accept(listener, NULL, NULL);
    check(fd >= 0, "accept");
    check(get_option(fd, OPT_SESSION_TICKET, keys[i], 64) == 64, "derived key");
    refused(get_option(fd, OPT_SESSION_TICKET, keys[i], 63), EINVAL, "room for the key");
    refused(set_option(fd, OPT_SESSION_TICKET, big, 63), EINVAL, "63 bytes");
    refused(set_option(fd, OPT_SESSION_TICKET, big, 4097), EINVAL, "4097 bytes");
    int fake = strcmp(how, "fake") == 0;
    int r = fake ? fake_server(fd, CIPHER_AES_GCM_128, i) : gnutls_server(fd, how);
    check(r == 0, "handshake");
    hear(fd, i ? "hello, here again" : "hello", 2);
    /* Before the answer, upon which the second client closes. */
    check(!fake || fake_ticket(fd) == 0, "ticket");
    say(fd, i ? "welcome back" : "welcome", 1);
    char end;
    refused(recv(fd, &end, 1, 0), ENOTCONN, "the client's end");
    close(fd);
  }
  check(memcmp(keys[0], keys[1], 64) == 0, "one key for one client");
  close(listener);
  return 0;
}

static int connected(const char *host, int port) {
  struct sockaddr_storage to;
  socklen_t len = address(&to, host, port);
  int fd = quic_socket(to.ss_family, SOCK_DGRAM);
  check(connect(fd, (struct sockaddr *)&to, len) == 0, "connect");
  return fd;
}

static unsigned char session[16384];
static size_t session_len = sizeof(session);

static void shake(int fd, const char *how, int again) {
  if (strcmp(how, "fake") == 0) {
    check(fake_client(fd, CIPHER_AES_GCM_128, again) == 0, "handshake");
  } else {
    struct resume resume = {again, session, &session_len};
    check(gnutls_resuming_client(fd, how, &resume) == 0, "handshake");
  }
}

static void first(const char *host, int port, const char *how, struct transport_param *limits,
                  unsigned char *token, int *tokenlen) {
  unsigned char ticket[4096];
  int fd = connected(host, port);
  check(get_option(fd, OPT_SESSION_TICKET, ticket, sizeof(ticket)) == 0, "no ticket");
  shake(fd, how, 0);
  say(fd, "hello", 2);
  hear(fd, "welcome", 1);
  int len = 0;
  for (int i = 0; i < 300 && len == 0; i++) {
    len = get_option(fd, OPT_SESSION_TICKET, ticket, sizeof(ticket));
    nanosleep(&(struct timespec){0, 10000000}, NULL);
  }
  check(len > 32 && ticket[0] == 4, "ticket");
  refused(get_option(fd, OPT_SESSION_TICKET, ticket, (socklen_t)len - 1), EINVAL, "its room");
  *tokenlen = get_option(fd, OPT_TOKEN, token, 256);
  check(*tokenlen > 0, "token");
  check(get_option(fd, OPT_TRANSPORT_PARAM, limits, sizeof(*limits)) == sizeof(*limits), "limits");
  check(limits->remote == 1 && limits->max_data == 65535 * 32, "limits");
  refused(set_option(fd, OPT_TRANSPORT_PARAM, limits, sizeof(*limits)), EINVAL, "established");
  close(fd);
}

static int client(const char *host, int port, const char *how) {
  unsigned char ticket[4096];
  unsigned char token[256];
  int tokenlen = 0;
  struct transport_param limits = {.remote = 1};
  first(host, port, how, &limits, token, &tokenlen);
  int fd = connected(host, port);
  check(set_option(fd, OPT_TOKEN, token, (socklen_t)tokenlen) == 0, "set token");
  check(set_option(fd, OPT_TRANSPORT_PARAM, &limits, sizeof(limits)) == 0, "set limits");
  memset(ticket, 7, sizeof(ticket));
  check(set_option(fd, OPT_SESSION_TICKET, ticket, 100) == 0, "set ticket");
  check(get_option(fd, OPT_SESSION_TICKET, ticket, sizeof(ticket)) == 100, "get ticket");
  say(fd, "hello, here again", 2);
  refused(quic_send(fd, "x", 1, 4 * 100, STREAM_NEW | STREAM_DONTWAIT), EINVAL, "early limit");
  shake(fd, how, 1);
  check(get_option(fd, OPT_SESSION_TICKET, ticket, sizeof(ticket)) != 100, "ticket dropped");
  hear(fd, "welcome back", 1);
  close(fd);
  printf("resumed\n");
  return 0;
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  return either_end(argc, argv, server, client);
}
