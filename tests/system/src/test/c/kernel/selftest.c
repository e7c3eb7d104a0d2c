/*
 * The kernel's self-test, anew: handshakes of every kind with fake TLS, one connection after the
 * other, each with an echo.
 *
 * selftest server ADDRESS PORT HOW | selftest client ADDRESS PORT HOW
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "quicsocket.h"

enum kind { PLAIN, RETRY, VERSION, NEGOTIATION, PREFERRED, DATAGRAMS, UNPROTECTED, MALFORMED };

static const struct scene {
  const char *name;
  enum kind kind;
  int cipher;
} scenes[] = {
    {"aes-128-gcm", PLAIN, CIPHER_AES_GCM_128},
    {"aes-256-gcm", PLAIN, CIPHER_AES_GCM_256},
    {"aes-128-ccm", PLAIN, CIPHER_AES_CCM_128},
    {"chacha20-poly1305", PLAIN, CIPHER_CHACHA20_POLY1305},
    {"retry", RETRY, CIPHER_AES_GCM_128},
    {"version 2", VERSION, CIPHER_AES_GCM_128},
    {"version negotiation", NEGOTIATION, CIPHER_AES_GCM_128},
    {"preferred address", PREFERRED, CIPHER_AES_GCM_128},
    {"datagram", DATAGRAMS, CIPHER_AES_GCM_128},
    {"no 1-RTT encryption", UNPROTECTED, CIPHER_AES_GCM_128},
    {"malformed ClientHello", MALFORMED, CIPHER_AES_GCM_128},
};

static const int count = (int)(sizeof(scenes) / sizeof(scenes[0]));

static void prepare(int fd, const struct scene *s, int server) {
  struct transport_param param = {0};
  struct config config = {0};
  if (s->kind == DATAGRAMS) {
    param.max_datagram_frame_size = 1400;
  }
  param.disable_1rtt_encryption = s->kind == UNPROTECTED;
  if (s->kind == RETRY && server) {
    config.validate_peer_address = 1;
  }
  if (s->kind == VERSION && server) {
    config.version = VERSION_2;
  }
  if (s->kind == NEGOTIATION && !server) {
    config.version = 123;
  }
  check(set_option(fd, OPT_TRANSPORT_PARAM, &param, sizeof(param)) == 0, "TRANSPORT_PARAM");
  check(set_option(fd, OPT_CONFIG, &config, sizeof(config)) == 0, "CONFIG");
}

static void echo(int fd) {
  char buf[2048];
  for (;;) {
    int64_t stream = -1;
    uint32_t flags = 0;
    ssize_t n = quic_recv(fd, buf, sizeof(buf), &stream, &flags);
    if (n < 0) {
      check(errno == ENOTCONN, "recvmsg of the server");
      return;
    }
    flags &= DATAGRAM | STREAM_FIN;
    check(quic_send(fd, buf, (size_t)n, stream, flags) == n, "echo");
  }
}

static int server(const char *host, int port) {
  int listeners[16];
  for (int i = 0; i < count; i++) {
    listeners[i] = quic_bound(host, port + 2 * i);
    prepare(listeners[i], &scenes[i], 1);
    check(listen(listeners[i], 1) == 0, "listen");
  }
  printf("ready\n");
  fflush(stdout);
  for (int i = 0; i < count; i++) {
    const struct scene *s = &scenes[i];
    int fd = accept(listeners[i], NULL, NULL);
    check(fd >= 0, "accept");
    if (s->kind == PREFERRED) {
      struct sockaddr_storage a;
      socklen_t len = address(&a, host, port + 2 * i + 1);
      check(set_option(fd, OPT_CONNECTION_MIGRATION, &a, len) == 0, "preferred address");
    }
    int r = fake_server(fd, s->cipher, 0);
    check((r == 0) == (s->kind != MALFORMED), s->name);
    if (r == 0) {
      echo(fd);
    }
    close(fd);
    close(listeners[i]);
  }
  return 0;
}

/* A ClientHello whose parameters are nonsense: the server refuses, and lives. */
static void malformed(int fd) {
  unsigned char hello[200];
  unsigned char event[128];
  int64_t stream = -1;
  uint32_t flags = 0;
  memset(hello, 0xff, sizeof(hello));
  check(event_switch(fd, EV_CONNECTION_CLOSE, 1) == 0, "EVENT");
  check(handshake_send(fd, LEVEL_INITIAL, hello, sizeof(hello), 0) == 200, "ClientHello");
  struct pollfd p = {.fd = fd, .events = POLLIN};
  check(poll(&p, 1, 10000) == 1, "poll");
  check(quic_recv(fd, event, sizeof(event), &stream, &flags) > 0, "CONNECTION_CLOSE");
  struct connection_close info;
  memcpy(&info, event + 1, sizeof(info));
  check((flags & NOTIFICATION) && event[0] == EV_CONNECTION_CLOSE, "the event");
  check(info.errcode == 8, "TRANSPORT_PARAMETER_ERROR");
}

static void exchange(int fd, const struct scene *s, int64_t stream) {
  char text[1300];
  char back[2048];
  size_t len = s->kind == DATAGRAMS ? 1100 : sizeof(text);
  size_t got = 0;
  uint32_t flags = s->kind == DATAGRAMS ? DATAGRAM : STREAM_NEW | STREAM_FIN;
  memset(text, 'q', sizeof(text));
  check(quic_send(fd, text, len, stream, flags) == (ssize_t)len, s->name);
  while (got < len) {
    int64_t from = -1;
    uint32_t what = 0;
    ssize_t n = quic_recv(fd, back + got, sizeof(back) - got, &from, &what);
    check(n > 0, s->name);
    check(s->kind != DATAGRAMS || (what & DATAGRAM), s->name);
    got += (size_t)n;
  }
  check(got == len && memcmp(text, back, len) == 0, s->name);
}

static void wait_for_port(int fd, int port) {
  struct sockaddr_storage a;
  for (int i = 0; i < 300; i++) {
    socklen_t len = sizeof(a);
    check(getpeername(fd, (struct sockaddr *)&a, &len) == 0, "getpeername");
    if (port_of(&a) == port) {
      return;
    }
    nanosleep(&(struct timespec){0, 10000000}, NULL);
  }
  errno = ETIMEDOUT;
  fail("preferred address");
}

static void scene(int fd, const struct scene *s, int port) {
  struct config config = {0};
  check(fake_client(fd, s->cipher, 0) == 0, s->name);
  exchange(fd, s, 0);
  check(get_option(fd, OPT_CONFIG, &config, sizeof(config)) == sizeof(config), "CONFIG");
  if (s->kind == VERSION) {
    check(config.version == VERSION_2, "version 2 in use");
  }
  if (s->kind == NEGOTIATION) {
    check(config.version == VERSION_1 || config.version == VERSION_2, "version in use");
  }
  if (s->kind == PREFERRED) {
    wait_for_port(fd, port + 1);
    exchange(fd, s, 4);
  }
  if (s->kind == DATAGRAMS) {
    char big[4096] = {0};
    refused(quic_send(fd, big, sizeof(big), 0, DATAGRAM), EMSGSIZE, "a large datagram");
    refused(quic_send(fd, big, 0, 0, DATAGRAM), EMSGSIZE, "an empty datagram");
  }
}

static int client(const char *host, int port) {
  for (int i = 0; i < count; i++) {
    const struct scene *s = &scenes[i];
    struct sockaddr_storage to;
    socklen_t len = address(&to, host, port + 2 * i);
    int fd = quic_socket(to.ss_family, i % 2 ? SOCK_STREAM : SOCK_DGRAM);
    prepare(fd, s, 0);
    check(connect(fd, (struct sockaddr *)&to, len) == 0, "connect");
    if (s->kind == MALFORMED) {
      malformed(fd);
    } else {
      scene(fd, s, port + 2 * i);
    }
    close(fd);
    printf("%s\n", s->name);
    fflush(stdout);
  }
  return 0;
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  if (argc != 5) {
    fprintf(stderr, "usage: selftest server|client ADDRESS PORT fake\n");
    return 64;
  }
  int (*run)(const char *, int) = strcmp(argv[1], "server") == 0 ? server : client;
  return run(argv[2], atoi(argv[3]));
}
