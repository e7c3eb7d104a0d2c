#include "quictls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define OPTION_TOKEN 10
#define OPTION_CRYPTO_SECRET 13
#define OPTION_TRANSPORT_PARAM_EXT 14
#define MESSAGE 65536

static const char priority[] =
    "%DISABLE_TLS13_COMPAT_MODE:NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:"
    "+CHACHA20-POLY1305:+AES-128-CCM:-GROUP-ALL:+GROUP-SECP256R1:+GROUP-X25519:+GROUP-SECP384R1";

struct message {
  struct message *next;
  size_t length;
  uint8_t level;
  uint8_t bytes[];
};

struct handshake {
  int fd;
  int server;
  int complete;
  struct message *first;
  struct message **last;
};

struct crypto_secret {
  uint8_t send;
  uint8_t level;
  uint16_t reserved;
  uint32_t type;
  uint8_t secret[48];
};

static uint8_t level_of(gnutls_record_encryption_level_t l) {
  switch (l) {
    case GNUTLS_ENCRYPTION_LEVEL_INITIAL:
      return 1;
    case GNUTLS_ENCRYPTION_LEVEL_HANDSHAKE:
      return 2;
    case GNUTLS_ENCRYPTION_LEVEL_EARLY:
      return 3;
    default:
      return 0;
  }
}

static gnutls_record_encryption_level_t level_for(uint8_t l) {
  switch (l) {
    case 1:
      return GNUTLS_ENCRYPTION_LEVEL_INITIAL;
    case 2:
      return GNUTLS_ENCRYPTION_LEVEL_HANDSHAKE;
    case 3:
      return GNUTLS_ENCRYPTION_LEVEL_EARLY;
    default:
      return GNUTLS_ENCRYPTION_LEVEL_APPLICATION;
  }
}

static uint32_t cipher_of(gnutls_cipher_algorithm_t c) {
  switch (c) {
    case GNUTLS_CIPHER_AES_128_GCM:
      return 51;
    case GNUTLS_CIPHER_AES_256_GCM:
      return 52;
    case GNUTLS_CIPHER_AES_128_CCM:
      return 53;
    default:
      return 54;
  }
}

static int send_messages(struct handshake *h) {
  while (h->first != NULL) {
    struct message *m = h->first;
    char control[CMSG_SPACE(1)] = {0};
    struct iovec v = {m->bytes, m->length};
    struct msghdr out = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *c = CMSG_FIRSTHDR(&out);
    c->cmsg_level = SOL_QUIC;
    c->cmsg_type = QUIC_HANDSHAKE_INFO;
    c->cmsg_len = CMSG_LEN(1);
    *CMSG_DATA(c) = m->level;
    ssize_t n = sendmsg(h->fd, &out, MSG_NOSIGNAL | (m->next ? MSG_MORE : 0));
    if (n != (ssize_t)m->length) {
      return n < 0 ? -errno : -EIO;
    }
    h->first = m->next;
    if (h->first == NULL) {
      h->last = &h->first;
    }
    free(m);
  }
  return 0;
}

static int on_secret(gnutls_session_t s, gnutls_record_encryption_level_t level, const void *rx, const void *tx,
                     size_t size) {
  struct handshake *h = gnutls_session_get_ptr(s);
  struct crypto_secret secret = {.level = level_of(level)};
  if (size > sizeof secret.secret) {
    return -1;
  }
  /* What is waiting belongs before keys that let other frames out. */
  if (send_messages(h) < 0) {
    return -1;
  }
  secret.type = cipher_of(level == GNUTLS_ENCRYPTION_LEVEL_EARLY ? gnutls_early_cipher_get(s) : gnutls_cipher_get(s));
  if (tx != NULL) {
    secret.send = 1;
    memcpy(secret.secret, tx, size);
    if (setsockopt(h->fd, SOL_QUIC, OPTION_CRYPTO_SECRET, &secret, sizeof secret) != 0) {
      return -1;
    }
  }
  if (rx != NULL) {
    secret.send = 0;
    memcpy(secret.secret, rx, size);
    if (setsockopt(h->fd, SOL_QUIC, OPTION_CRYPTO_SECRET, &secret, sizeof secret) != 0) {
      return -1;
    }
    if (secret.level == 0) {
      h->complete = 1;
    }
  }
  return 0;
}

static int on_read(gnutls_session_t s, gnutls_record_encryption_level_t level, gnutls_handshake_description_t type,
                   const void *bytes, size_t n) {
  struct handshake *h = gnutls_session_get_ptr(s);
  if (type == GNUTLS_HANDSHAKE_KEY_UPDATE) {
    return 0;
  }
  struct message *m = malloc(sizeof *m + n);
  if (m == NULL) {
    return -1;
  }
  m->next = NULL;
  m->length = n;
  m->level = level_of(level);
  memcpy(m->bytes, bytes, n);
  *h->last = m;
  h->last = &m->next;
  return 0;
}

static int on_alert(gnutls_session_t s, gnutls_record_encryption_level_t level, gnutls_alert_level_t how,
                    gnutls_alert_description_t what) {
  (void)s;
  (void)level;
  (void)how;
  fprintf(stderr, "alert %d\n", (int)what);
  return 0;
}

static int take_parameters(gnutls_session_t s, const unsigned char *b, size_t n) {
  struct handshake *h = gnutls_session_get_ptr(s);
  return setsockopt(h->fd, SOL_QUIC, OPTION_TRANSPORT_PARAM_EXT, b, (socklen_t)n) == 0 ? 0 : -1;
}

static int give_parameters(gnutls_session_t s, gnutls_buffer_t out) {
  struct handshake *h = gnutls_session_get_ptr(s);
  uint8_t b[256];
  socklen_t n = sizeof b;
  if (getsockopt(h->fd, SOL_QUIC, OPTION_TRANSPORT_PARAM_EXT, b, &n) != 0) {
    return -1;
  }
  return gnutls_buffer_append_data(out, b, n) == 0 ? (int)n : -1;
}

/* One message in. 0: there may be more. */
static int take_message(struct handshake *h, gnutls_session_t s) {
  static uint8_t bytes[MESSAGE];
  char control[CMSG_SPACE(1)];
  struct iovec v = {bytes, sizeof bytes};
  struct msghdr in = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t n = recvmsg(h->fd, &in, MSG_DONTWAIT);
  if (n < 0) {
    return -errno;
  }
  struct cmsghdr *c = CMSG_FIRSTHDR(&in);
  if (c == NULL || c->cmsg_level != SOL_QUIC || c->cmsg_type != QUIC_HANDSHAKE_INFO) {
    return -EPROTO;
  }
  int r = gnutls_handshake_write(s, level_for(*CMSG_DATA(c)), bytes, (size_t)n);
  return r < 0 && gnutls_error_is_fatal(r) ? -EACCES : 0;
}

static int run(struct handshake *h, gnutls_session_t s) {
  int r = h->server ? 0 : gnutls_handshake(s);
  while (1) {
    if (r < 0 && gnutls_error_is_fatal(r)) {
      fprintf(stderr, "handshake: %s\n", gnutls_strerror(r));
      send_messages(h);
      return -EACCES;
    }
    int e = send_messages(h);
    if (e < 0 || h->complete) {
      return e;
    }
    e = take_message(h, s);
    if (e == -EAGAIN) {
      struct pollfd p = {h->fd, POLLIN, 0};
      poll(&p, 1, 1000);
      continue;
    }
    if (e < 0) {
      return e;
    }
    r = gnutls_handshake(s);
  }
}

static int drive(int fd, int server, const char *host, gnutls_certificate_credentials_t cred, const char *alpn) {
  struct handshake h = {.fd = fd, .server = server};
  gnutls_session_t s;
  gnutls_datum_t protocol = {(unsigned char *)alpn, (unsigned)strlen(alpn)};
  h.last = &h.first;
  gnutls_init(&s, (server ? GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET : GNUTLS_CLIENT) | GNUTLS_NO_END_OF_EARLY_DATA);
  gnutls_session_set_ptr(s, &h);
  int r = gnutls_priority_set_direct(s, priority, NULL);
  if (r == 0) {
    r = gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, cred);
  }
  gnutls_alpn_set_protocols(s, &protocol, 1, GNUTLS_ALPN_MANDATORY);
  if (host != NULL) {
    gnutls_server_name_set(s, GNUTLS_NAME_DNS, host, strlen(host));
  }
  gnutls_handshake_set_secret_function(s, on_secret);
  gnutls_handshake_set_read_function(s, on_read);
  gnutls_alert_set_read_function(s, on_alert);
  if (r == 0) {
    r = gnutls_session_ext_register(s, "quic_transport_parameters", 57, GNUTLS_EXT_TLS, take_parameters,
                                    give_parameters, NULL, NULL, NULL,
                                    GNUTLS_EXT_FLAG_TLS | GNUTLS_EXT_FLAG_CLIENT_HELLO | GNUTLS_EXT_FLAG_EE);
  }
  r = r == 0 ? run(&h, s) : -EINVAL;
  while (h.first != NULL) {
    struct message *m = h.first;
    h.first = m->next;
    free(m);
  }
  gnutls_deinit(s);
  return r;
}

int quic_client_handshake(int fd, const char *host, const char *alpn) {
  gnutls_certificate_credentials_t cred;
  gnutls_certificate_allocate_credentials(&cred);
  int r = drive(fd, 0, host, cred, alpn);
  gnutls_certificate_free_credentials(cred);
  return r;
}

int quic_server_handshake(int fd, const char *cert, const char *key, const char *alpn) {
  gnutls_certificate_credentials_t cred;
  gnutls_certificate_allocate_credentials(&cred);
  int r = gnutls_certificate_set_x509_key_file(cred, cert, key, GNUTLS_X509_FMT_PEM);
  if (r < 0) {
    fprintf(stderr, "%s: %s\n", cert, gnutls_strerror(r));
  }
  r = r < 0 ? -ENOENT : drive(fd, 1, NULL, cred, alpn);
  gnutls_certificate_free_credentials(cred);
  return r;
}

ssize_t quic_sendmsg(int fd, const void *b, size_t n, int64_t id, uint32_t flags) {
  uint32_t of_stream = MSG_QUIC_STREAM_NEW | MSG_QUIC_STREAM_FIN | MSG_QUIC_STREAM_UNI | MSG_QUIC_STREAM_DONTWAIT;
  struct quic_stream_info info;
  char control[CMSG_SPACE(sizeof info)];
  struct iovec v = {(void *)b, n};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  memset(&info, 0, sizeof info);
  memset(control, 0, sizeof control);
  info.stream_id = id;
  info.stream_flags = flags & of_stream;
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_QUIC;
  c->cmsg_type = QUIC_STREAM_INFO;
  c->cmsg_len = CMSG_LEN(sizeof info);
  memcpy(CMSG_DATA(c), &info, sizeof info);
  return sendmsg(fd, &m, (int)(flags & ~of_stream));
}

ssize_t quic_recvmsg(int fd, void *b, size_t n, int64_t *id, uint32_t *flags) {
  struct quic_stream_info info;
  char control[CMSG_SPACE(sizeof info)];
  struct iovec v = {b, n};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  memset(&info, 0, sizeof info);
  ssize_t r = recvmsg(fd, &m, (int)*flags);
  if (r < 0) {
    return r;
  }
  *flags = (uint32_t)m.msg_flags;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c != NULL; c = CMSG_NXTHDR(&m, c)) {
    if (c->cmsg_level == SOL_QUIC && c->cmsg_type == QUIC_STREAM_INFO) {
      memcpy(&info, CMSG_DATA(c), sizeof info);
      *id = info.stream_id;
      *flags |= info.stream_flags;
    }
  }
  return r;
}
