/* A handshake that only looks like one: messages of fixed bytes, secrets everybody knows. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "quicsocket.h"

/* A ClientHello of one cipher suite whose only extension is ALPN "fake". The transport parameters
   follow outside its length. */
static const unsigned char hello[58] = {
    1, 0, 0, 54, 3, 3,
    9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    0, 0, 2, 0x13, 1, 1, 0, 0, 11, 0, 16, 0, 7, 0, 5, 4, 'f', 'a', 'k', 'e'};
static const unsigned char encrypted[6] = {8, 0, 0, 2, 0, 0};
static const unsigned char ticket[] = {4, 0, 0, 29, 0, 0, 28, 32, 1, 2, 3, 4, 8, 0, 0, 0, 0,
                                       0, 0, 0, 1, 0, 6, 't', 'i', 'c', 'k', 'e', 't', 0, 2, 0, 0};

static int install(int fd, int cipher, int level, int send, int from_client) {
  struct crypto_secret s = {.send = (uint8_t)send, .level = (uint8_t)level};
  s.type = (uint32_t)cipher;
  memset(s.secret, 16 * level + from_client, sizeof(s.secret));
  return set_option(fd, OPT_CRYPTO_SECRET, &s, sizeof(s));
}

static void both(int fd, int cipher, int level, int client) {
  check(install(fd, cipher, level, 1, client) == 0, "secret to send");
  check(install(fd, cipher, level, 0, !client) == 0, "secret to receive");
}

/* A whole message of this level. */
static size_t await(int fd, int level, unsigned char *buf, size_t room) {
  size_t len = room;
  int got = handshake_recv(fd, buf, &len, 0);
  if (got != level) {
    fprintf(stderr, "level %d instead of %d\n", got, level);
    fail("handshake message");
  }
  return len;
}

static size_t parameters(int fd, unsigned char *buf) {
  int n = get_option(fd, OPT_TRANSPORT_PARAM_EXT, buf, 256);
  check(n > 0, "TRANSPORT_PARAM_EXT to send");
  return (size_t)n;
}

int fake_client(int fd, int cipher, int early) {
  unsigned char buf[4096];
  unsigned char filler[52];
  memset(filler, 20, sizeof(filler));
  memcpy(buf, hello, sizeof(hello));
  size_t n = parameters(fd, buf + sizeof(hello));
  if (early) {
    check(install(fd, cipher, LEVEL_EARLY, 1, 1) == 0, "early secret");
  }
  n += sizeof(hello);
  check(handshake_send(fd, LEVEL_INITIAL, buf, n, 0) == (ssize_t)n, "ClientHello");
  await(fd, LEVEL_INITIAL, buf, sizeof(buf));
  both(fd, cipher, LEVEL_HANDSHAKE, 1);
  n = await(fd, LEVEL_HANDSHAKE, buf, sizeof(buf));
  check(n > sizeof(encrypted), "EncryptedExtensions");
  check(set_option(fd, OPT_TRANSPORT_PARAM_EXT, buf + sizeof(encrypted),
                   (socklen_t)(n - sizeof(encrypted))) == 0, "TRANSPORT_PARAM_EXT of the server");
  both(fd, cipher, LEVEL_APP, 1);
  check(handshake_send(fd, LEVEL_HANDSHAKE, filler, sizeof(filler), 0) > 0, "Finished");
  return 0;
}

int fake_server(int fd, int cipher, int early) {
  unsigned char buf[4096];
  unsigned char filler[90];
  memset(filler, 2, sizeof(filler));
  size_t n = await(fd, LEVEL_INITIAL, buf, sizeof(buf));
  check(n > sizeof(hello), "ClientHello");
  if (set_option(fd, OPT_TRANSPORT_PARAM_EXT, buf + sizeof(hello),
                 (socklen_t)(n - sizeof(hello))) != 0) {
    return -1;
  }
  if (early) {
    check(install(fd, cipher, LEVEL_EARLY, 0, 1) == 0, "early secret");
  }
  both(fd, cipher, LEVEL_HANDSHAKE, 0);
  check(handshake_send(fd, LEVEL_INITIAL, filler, sizeof(filler), 0) > 0, "ServerHello");
  memcpy(buf, encrypted, sizeof(encrypted));
  n = sizeof(encrypted) + parameters(fd, buf + sizeof(encrypted));
  check(handshake_send(fd, LEVEL_HANDSHAKE, buf, n, 0) == (ssize_t)n, "EncryptedExtensions");
  await(fd, LEVEL_HANDSHAKE, buf, sizeof(buf));
  both(fd, cipher, LEVEL_APP, 0);
  return 0;
}

int fake_ticket(int fd) {
  return handshake_send(fd, LEVEL_APP, ticket, sizeof(ticket), 0) == (ssize_t)sizeof(ticket) ? 0 : -1;
}
