/*
 * The kernel's function test, anew: one connection; the server echoes every stream that ends, and
 * does what a text of the client asks for.
 *
 * functest server ADDRESS PORT HOW | functest client ADDRESS PORT HOW
 */
#include "functest.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

ssize_t say(int fd, const char *text, int64_t stream, uint32_t flags) {
  return quic_send(fd, text, strlen(text), stream, flags);
}

int64_t hear(int fd, const char *text, const char *what) {
  char all[4096];
  size_t len = 0;
  int64_t stream = -1;
  uint32_t flags;
  do {
    flags = 0;
    ssize_t n = quic_recv(fd, all + len, sizeof(all) - len, &stream, &flags);
    check(n >= 0, what);
    check(!(flags & NOTIFICATION), "an event instead of data");
    len += (size_t)n;
  } while (!(flags & STREAM_FIN) && len < sizeof(all));
  if (len != strlen(text) || memcmp(all, text, len) != 0) {
    fprintf(stderr, "heard \"%.*s\" instead of \"%s\" on stream %ld\n", (int)len, all, text,
            (long)stream);
    errno = 0;
    fail(what);
  }
  return stream;
}

int64_t ask(int fd, const char *text, int64_t stream, uint32_t flags, const char *what) {
  check(say(fd, text, stream, flags | FIN) == (ssize_t)strlen(text), what);
  return hear(fd, text, what);
}

ssize_t notice(int fd, int type, unsigned char *event, const char *what) {
  int64_t stream = -1;
  uint32_t flags = 0;
  ssize_t n = quic_recv(fd, event, 128, &stream, &flags);
  check(n > 0, what);
  if (!(flags & NOTIFICATION) || event[0] != type) {
    fprintf(stderr, "FAILED %s: %s %d with flags %x instead of event %d\n", what,
            flags & NOTIFICATION ? "event" : "data", event[0], flags, type);
    exit(1);
  }
  return n;
}

long stream_open(int fd, int64_t id, uint32_t flags) {
  struct stream_info info = {id, flags};
  return get_option(fd, OPT_STREAM_OPEN, &info, sizeof(info)) < 0 ? -1 : (long)info.id;
}

int stream_reset(int fd, int64_t id, uint32_t code) {
  struct errinfo info = {id, code};
  return set_option(fd, OPT_STREAM_RESET, &info, sizeof(info));
}

int connection_ids(int fd, int dest, uint32_t active, uint32_t prior) {
  struct connection_id_info info = {.dest = (uint8_t)dest, .active = active, .prior_to = prior};
  return set_option(fd, OPT_CONNECTION_ID, &info, sizeof(info));
}

int connection_id_first(int fd, int dest, uint32_t *active) {
  struct connection_id_info info = {.dest = (uint8_t)dest};
  check(get_option(fd, OPT_CONNECTION_ID, &info, sizeof(info)) == sizeof(info), "CONNECTION_ID");
  if (active) {
    *active = info.active;
  }
  return (int)info.prior_to;
}

void until(int (*condition)(int fd, int wanted), int fd, int wanted, const char *what) {
  struct timespec pause = {0, 10000000};
  for (int i = 0; i < 500; i++) {
    if (condition(fd, wanted)) {
      return;
    }
    nanosleep(&pause, NULL);
  }
  errno = ETIMEDOUT;
  fail(what);
}

int local_port(int fd) {
  struct sockaddr_storage a;
  socklen_t len = sizeof(a);
  check(getsockname(fd, (struct sockaddr *)&a, &len) == 0, "getsockname");
  return port_of(&a);
}

int peer_port(int fd) {
  struct sockaddr_storage a;
  socklen_t len = sizeof(a);
  check(getpeername(fd, (struct sockaddr *)&a, &len) == 0, "getpeername");
  return port_of(&a);
}

int has_local_port(int fd, int port) {
  return local_port(fd) == port;
}

int has_peer_port(int fd, int port) {
  return peer_port(fd) == port;
}

/* What a text wants the server to do before it answers. */
static void obey(int fd, const char *text, int64_t stream) {
  if (strcmp(text, "client reset") == 0) {
    /* A stream of the server's own, data first. */
    int64_t own = stream_open(fd, -1, UNI);
    check(own >= 0 && say(fd, "soon void", own, 0) == 9, "stream to reset");
    struct timespec pause = {0, 200000000};
    nanosleep(&pause, NULL);
    check(stream_reset(fd, own, 1) == 0, "STREAM_RESET of the server");
  } else if (strcmp(text, "client stop_sending") == 0) {
    struct errinfo info = {stream, 1};
    check(set_option(fd, OPT_STREAM_STOP_SENDING, &info, sizeof(info)) == 0, "STOP_SENDING");
  } else if (strcmp(text, "client migration") == 0) {
    struct sockaddr_storage a;
    socklen_t len = sizeof(a);
    check(getsockname(fd, (struct sockaddr *)&a, &len) == 0, "getsockname");
    len = (socklen_t)set_port(&a, port_of(&a) + 1);
    check(set_option(fd, OPT_CONNECTION_MIGRATION, &a, len) == 0, "migration of the server");
  } else if (strcmp(text, "client key_update") == 0) {
    check(set_option(fd, OPT_KEY_UPDATE, NULL, 0) == 0, "KEY_UPDATE of the server");
  } else if (strcmp(text, "client new_token") == 0) {
    check(set_option(fd, OPT_TOKEN, NULL, 0) == 0, "TOKEN of the server");
  } else if (strcmp(text, "client close") == 0) {
    struct connection_close info = {.errcode = 10};
    strcpy((char *)info.phrase, "this is app err");
    check(set_option(fd, OPT_CONNECTION_CLOSE, &info, sizeof(info)) == 0, "CONNECTION_CLOSE");
  }
}

/* Texts of streams that have not ended, by a small table. */
struct open_text {
  int64_t stream;
  size_t len;
  char text[1024];
};

static struct open_text *text_of(struct open_text *all, int64_t stream) {
  struct open_text *unused = NULL;
  for (int i = 0; i < 32; i++) {
    if (all[i].stream == stream) {
      return &all[i];
    }
    if (all[i].stream < 0 && !unused) {
      unused = &all[i];
    }
  }
  check(unused != NULL, "more streams than the server knows");
  unused->stream = stream;
  unused->len = 0;
  return unused;
}

static int serve(int fd) {
  static struct open_text all[32];
  for (int i = 0; i < 32; i++) {
    all[i].stream = -1;
  }
  for (;;) {
    char buf[1024];
    int64_t stream = -1;
    uint32_t flags = 0;
    ssize_t n = quic_recv(fd, buf, sizeof(buf), &stream, &flags);
    if (n < 0) {
      check(errno == ENOTCONN, "recvmsg of the server");
      return 0;
    }
    if (flags & DATAGRAM) {
      check(quic_send(fd, buf, (size_t)n, 0, DATAGRAM) == n, "datagram of the server");
      continue;
    }
    struct open_text *t = text_of(all, stream);
    check(t->len + (size_t)n < sizeof(t->text), "text");
    memcpy(t->text + t->len, buf, (size_t)n);
    t->len += (size_t)n;
    t->text[t->len] = 0;
    int stop = strcmp(t->text, "client stop_sending") == 0;
    if (!(flags & STREAM_FIN) && !stop) {
      continue;
    }
    obey(fd, t->text, stream);
    if (strcmp(t->text, "client close") == 0) {
      return 0;
    }
    /* A stopped stream, and one that only came, are answered on one of the server's own. */
    int own = stop || (stream & 2);
    int64_t answer = own ? stream_open(fd, -1, UNI) : stream;
    check(answer >= 0, "stream for the answer");
    check(say(fd, t->text, answer, FIN) == (ssize_t)t->len, "answer");
    t->stream = -1;
  }
}

static void datagrams(int fd) {
  struct transport_param param = {.max_datagram_frame_size = 1400};
  check(set_option(fd, OPT_TRANSPORT_PARAM, &param, sizeof(param)) == 0, "TRANSPORT_PARAM");
}

static int server(const char *host, int port, const char *how) {
  int listener = quic_bound(host, port);
  datagrams(listener);
  check(listen(listener, 1) == 0, "listen");
  printf("ready\n");
  fflush(stdout);
  struct sockaddr_storage from;
  socklen_t len = sizeof(from);
  int fd = accept(listener, (struct sockaddr *)&from, &len);
  check(fd >= 0, "accept");
  check(tls_server(fd, how) == 0, "handshake of the server");
  int r = serve(fd);
  close(fd);
  close(listener);
  return r;
}

static int client(const char *host, int port, const char *how) {
  struct sockaddr_storage to;
  socklen_t len = address(&to, host, port);
  int fd = quic_socket(to.ss_family, SOCK_DGRAM);
  datagrams(fd);
  check(connect(fd, (struct sockaddr *)&to, len) == 0, "connect");
  check(tls_client(fd, how) == 0, "handshake of the client");
  streams(fd);
  stream_limits(fd);
  connections(fd);
  notifications(fd);
  closing(fd);
  close(fd);
  return 0;
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  return either_end(argc, argv, server, client);
}
