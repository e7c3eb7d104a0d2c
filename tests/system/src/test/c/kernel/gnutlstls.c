/* The split handshake with GnuTLS in the program's own process, as libquic drives it. */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "quicsocket.h"

#define PIECES 16
#define ROOM 65536
#define TRANSPORT_PARAMETERS 0x39

struct piece {
  int level;
  size_t len;
  unsigned char *bytes;
};

struct run {
  int fd;
  int complete;
  int broken;
  int count;
  struct piece pieces[PIECES];
};

static const char priority[] =
    "%DISABLE_TLS13_COMPAT_MODE:NORMAL:-VERS-ALL:+VERS-TLS1.3:+PSK:-CIPHER-ALL:+AES-128-GCM:"
    "+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-CCM:-GROUP-ALL:+GROUP-SECP256R1:+GROUP-X25519:"
    "+GROUP-SECP384R1:+GROUP-SECP521R1";

static int level_of(gnutls_record_encryption_level_t level) {
  switch (level) {
    case GNUTLS_ENCRYPTION_LEVEL_INITIAL:
      return LEVEL_INITIAL;
    case GNUTLS_ENCRYPTION_LEVEL_HANDSHAKE:
      return LEVEL_HANDSHAKE;
    case GNUTLS_ENCRYPTION_LEVEL_APPLICATION:
      return LEVEL_APP;
    default:
      return LEVEL_EARLY;
  }
}

static gnutls_record_encryption_level_t gnutls_level(int level) {
  switch (level) {
    case LEVEL_INITIAL:
      return GNUTLS_ENCRYPTION_LEVEL_INITIAL;
    case LEVEL_HANDSHAKE:
      return GNUTLS_ENCRYPTION_LEVEL_HANDSHAKE;
    case LEVEL_APP:
      return GNUTLS_ENCRYPTION_LEVEL_APPLICATION;
    default:
      return GNUTLS_ENCRYPTION_LEVEL_EARLY;
  }
}

static uint32_t cipher_type(gnutls_cipher_algorithm_t cipher) {
  switch (cipher) {
    case GNUTLS_CIPHER_AES_256_GCM:
      return CIPHER_AES_GCM_256;
    case GNUTLS_CIPHER_AES_128_CCM:
      return CIPHER_AES_CCM_128;
    case GNUTLS_CIPHER_CHACHA20_POLY1305:
      return CIPHER_CHACHA20_POLY1305;
    default:
      return CIPHER_AES_GCM_128;
  }
}

static int secret(gnutls_session_t session, gnutls_record_encryption_level_t level,
                  const void *rx, const void *tx, size_t size) {
  struct run *run = gnutls_session_get_ptr(session);
  struct crypto_secret s = {.level = (uint8_t)level_of(level)};
  gnutls_cipher_algorithm_t cipher = s.level == LEVEL_EARLY ? gnutls_early_cipher_get(session)
                                                            : gnutls_cipher_get(session);
  s.type = cipher_type(cipher);
  if (tx) {
    s.send = 1;
    memcpy(s.secret, tx, size);
    if (set_option(run->fd, OPT_CRYPTO_SECRET, &s, sizeof(s)) != 0) {
      return -1;
    }
  }
  if (rx) {
    s.send = 0;
    memcpy(s.secret, rx, size);
    if (set_option(run->fd, OPT_CRYPTO_SECRET, &s, sizeof(s)) != 0) {
      return -1;
    }
    run->complete |= s.level == LEVEL_APP;
  }
  return 0;
}

static int message(gnutls_session_t session, gnutls_record_encryption_level_t level,
                   gnutls_handshake_description_t type, const void *data, size_t len) {
  struct run *run = gnutls_session_get_ptr(session);
  if (type == GNUTLS_HANDSHAKE_KEY_UPDATE) {
    return 0;
  }
  if (run->count == PIECES) {
    return -1;
  }
  struct piece *p = &run->pieces[run->count++];
  p->level = level_of(level);
  p->len = len;
  p->bytes = malloc(len);
  memcpy(p->bytes, data, len);
  return 0;
}

static int alert(gnutls_session_t session, gnutls_record_encryption_level_t level,
                 gnutls_alert_level_t severity, gnutls_alert_description_t what) {
  struct run *run = gnutls_session_get_ptr(session);
  fprintf(stderr, "alert %d of severity %d at level %d\n", what, severity, level_of(level));
  run->broken = 1;
  return 0;
}

static int parameters_came(gnutls_session_t session, const unsigned char *data, size_t len) {
  struct run *run = gnutls_session_get_ptr(session);
  int r = set_option(run->fd, OPT_TRANSPORT_PARAM_EXT, data, (socklen_t)len);
  return r == 0 ? 0 : GNUTLS_E_INTERNAL_ERROR;
}

static int parameters_go(gnutls_session_t session, gnutls_buffer_t to) {
  struct run *run = gnutls_session_get_ptr(session);
  unsigned char buf[256];
  int n = get_option(run->fd, OPT_TRANSPORT_PARAM_EXT, buf, sizeof(buf));
  if (n < 0 || gnutls_buffer_append_data(to, buf, (size_t)n) != 0) {
    return GNUTLS_E_INTERNAL_ERROR;
  }
  return n;
}

static void flush(struct run *run) {
  for (int i = 0; i < run->count; i++) {
    struct piece *p = &run->pieces[i];
    int more = i + 1 < run->count ? MSG_MORE : 0;
    ssize_t n = handshake_send(run->fd, p->level, p->bytes, p->len, more);
    check(n == (ssize_t)p->len, "send of a handshake message");
    free(p->bytes);
  }
  run->count = 0;
}

static int fatal(int r) {
  return r < 0 && gnutls_error_is_fatal(r);
}

/* libquic's loop: flush, receive without waiting, else poll for a second, feed, go on. */
static int drive(gnutls_session_t session, struct run *run, int client) {
  static unsigned char buf[ROOM];
  int r = client ? gnutls_handshake(session) : 0;
  while (!fatal(r)) {
    flush(run);
    if (run->complete) {
      return 0;
    }
    size_t len = sizeof(buf);
    int level = handshake_recv(run->fd, buf, &len, MSG_DONTWAIT);
    if (level < 0 && (errno == EAGAIN || errno == EINTR)) {
      struct pollfd p = {.fd = run->fd, .events = POLLIN};
      poll(&p, 1, 1000);
      continue;
    }
    check(level >= 0, "recvmsg of a handshake message");
    r = gnutls_handshake_write(session, gnutls_level(level), buf, len);
    if (!fatal(r)) {
      r = gnutls_handshake(session);
    }
  }
  fprintf(stderr, "FAILED handshake: %s\n", gnutls_strerror(r));
  return -1;
}

static void hooks(gnutls_session_t session, struct run *run) {
  gnutls_session_set_ptr(session, run);
  check(gnutls_priority_set_direct(session, priority, NULL) == 0, "priority");
  gnutls_handshake_set_secret_function(session, secret);
  gnutls_handshake_set_read_function(session, message);
  gnutls_alert_set_read_function(session, alert);
  unsigned flags = GNUTLS_EXT_FLAG_TLS | GNUTLS_EXT_FLAG_CLIENT_HELLO | GNUTLS_EXT_FLAG_EE;
  check(gnutls_session_ext_register(session, "quic_transport_parameters", TRANSPORT_PARAMETERS,
                                    GNUTLS_EXT_TLS, parameters_came, parameters_go, NULL, NULL,
                                    NULL, flags) == 0, "extension");
}

/* The names of the socket's ALPN option, if it has any. */
static void alpn(gnutls_session_t session, int fd) {
  char text[129];
  gnutls_datum_t names[5];
  unsigned count = 0;
  int n = get_option(fd, OPT_ALPN, text, sizeof(text) - 1);
  if (n <= 0) {
    return;
  }
  text[n] = 0;
  char *rest = NULL;
  for (char *s = strtok_r(text, ",", &rest); s && count < 5; s = strtok_r(NULL, ",", &rest)) {
    names[count].data = (unsigned char *)s;
    names[count++].size = (unsigned)strlen(s);
  }
  check(gnutls_alpn_set_protocols(session, names, count, GNUTLS_ALPN_MANDATORY) == 0, "alpn");
}

/* Cuts "x509:FIRST:SECOND" in a buffer of the caller's. */
static void cut(char *copy, size_t room, const char *how, const char **first, const char **second) {
  snprintf(copy, room, "%s", how);
  char *one = strchr(copy, ':');
  char *two = one ? strchr(one + 1, ':') : NULL;
  check(one && two, how);
  *two = 0;
  *first = one + 1;
  *second = two + 1;
}

static int accept_all(void *nothing, time_t until, const gnutls_datum_t *key,
                      const gnutls_datum_t *data) {
  (void)nothing;
  (void)until;
  (void)key;
  (void)data;
  return 0;
}

/* The raw ticket that the socket keeps becomes a session of the library's. */
static void keep(gnutls_session_t session, int fd, unsigned char *blob, size_t *len) {
  unsigned char raw[4096];
  int n = 0;
  for (int i = 0; i < 300 && n == 0; i++) {
    n = get_option(fd, OPT_SESSION_TICKET, raw, sizeof(raw));
    check(n >= 0, "SESSION_TICKET");
    nanosleep(&(struct timespec){0, 10000000}, NULL);
  }
  check(n > 0, "a ticket");
  check(gnutls_handshake_write(session, GNUTLS_ENCRYPTION_LEVEL_APPLICATION, raw, (size_t)n) == 0,
        "ticket");
  check(gnutls_session_get_data(session, blob, len) == 0, "session");
}

static int client(int fd, const char *how, const struct resume *resume) {
  char copy[1024];
  const char *ca;
  const char *name;
  struct run run = {.fd = fd};
  gnutls_session_t session;
  gnutls_certificate_credentials_t cred;
  unsigned flags = GNUTLS_CLIENT;
  cut(copy, sizeof(copy), how, &ca, &name);
  if (resume) {
    flags |= GNUTLS_ENABLE_EARLY_DATA | GNUTLS_NO_END_OF_EARLY_DATA;
  }
  check(gnutls_certificate_allocate_credentials(&cred) == 0, "credentials");
  check(gnutls_certificate_set_x509_trust_file(cred, ca, GNUTLS_X509_FMT_PEM) > 0, "trust");
  check(gnutls_init(&session, flags) == 0, "session");
  hooks(session, &run);
  check(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, cred) == 0, "credentials");
  gnutls_session_set_verify_cert(session, name, 0);
  check(gnutls_server_name_set(session, GNUTLS_NAME_DNS, name, strlen(name)) == 0, "name");
  alpn(session, fd);
  if (resume && resume->use) {
    check(gnutls_session_set_data(session, resume->blob, *resume->len) == 0, "session to resume");
  }
  int r = drive(session, &run, 1);
  if (r == 0 && resume && resume->use) {
    check(gnutls_session_is_resumed(session), "resumed");
  } else if (r == 0 && resume) {
    keep(session, fd, resume->blob, resume->len);
  }
  gnutls_deinit(session);
  gnutls_certificate_free_credentials(cred);
  return r;
}

int gnutls_client(int fd, const char *how) {
  return client(fd, how, NULL);
}

int gnutls_resuming_client(int fd, const char *how, const struct resume *resume) {
  return client(fd, how, resume);
}

int gnutls_server(int fd, const char *how) {
  char copy[1024];
  const char *cert;
  const char *key;
  struct run run = {.fd = fd};
  gnutls_session_t session;
  gnutls_anti_replay_t replay;
  gnutls_certificate_credentials_t cred;
  unsigned flags = GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET | GNUTLS_ENABLE_EARLY_DATA |
                   GNUTLS_NO_END_OF_EARLY_DATA;
  cut(copy, sizeof(copy), how, &cert, &key);
  check(gnutls_certificate_allocate_credentials(&cred) == 0, "credentials");
  check(gnutls_certificate_set_x509_key_file(cred, cert, key, GNUTLS_X509_FMT_PEM) == 0, "key");
  check(gnutls_init(&session, flags) == 0, "session");
  hooks(session, &run);
  check(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, cred) == 0, "credentials");
  check(gnutls_anti_replay_init(&replay) == 0, "anti-replay");
  gnutls_anti_replay_set_add_function(replay, accept_all);
  gnutls_anti_replay_enable(session, replay);
  check(gnutls_record_set_max_early_data_size(session, 0xffffffffu) == 0, "early data");
  unsigned char secret_key[64];
  int n = get_option(fd, OPT_SESSION_TICKET, secret_key, sizeof(secret_key));
  if (n == (int)sizeof(secret_key)) {
    gnutls_datum_t k = {secret_key, sizeof(secret_key)};
    check(gnutls_session_ticket_enable_server(session, &k) == 0, "ticket key");
  }
  alpn(session, fd);
  int r = drive(session, &run, 0);
  if (r == 0 && gnutls_session_ticket_send(session, 1, 0) == 0) {
    flush(&run);
  }
  gnutls_deinit(session);
  gnutls_anti_replay_deinit(replay);
  gnutls_certificate_free_credentials(cred);
  return r;
}
