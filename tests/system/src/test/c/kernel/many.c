/*
 * Many connections that live at the same time, each with a few bytes both ways.
 *
 * many server ADDRESS PORT HOW COUNT | many client ADDRESS PORT HOW COUNT
 * The client says how many descriptors it has; both say so when their limit of descriptors is too low.
 */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "quicsocket.h"

/* Handshakes under way at one time. */
#define CLIENTS 16
#define SERVERS 8
#define WORDS 10
/* How long anything may take, ms and us. */
#define PATIENCE 60000
#define IDLE 600000000

struct crowd {
  const char *host;
  int port;
  const char *how;
  int count;
  int listener;
  atomic_int next;
  int *fds;
};

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int descriptors(void) {
  int n = 0;
  DIR *dir = opendir("/proc/self/fd");
  check(dir != NULL, "/proc/self/fd");
  while (readdir(dir) != NULL) {
    n++;
  }
  closedir(dir);
  /* But for the two names every directory has, and its own. */
  return n - 3;
}

static int raise_limit(void) {
  struct rlimit r;
  check(getrlimit(RLIMIT_NOFILE, &r) == 0, "getrlimit");
  r.rlim_cur = r.rlim_max;
  check(setrlimit(RLIMIT_NOFILE, &r) == 0, "setrlimit");
  return (int)r.rlim_cur;
}

/* The first ones rest while the last ones come. */
static void patient(int fd) {
  struct transport_param p = {.max_idle_timeout = IDLE};
  check(set_option(fd, OPT_TRANSPORT_PARAM, &p, sizeof(p)) == 0, "TRANSPORT_PARAM");
}

static void say(const char *what, const struct crowd *c, double since) {
  double s = seconds() - since;
  printf("%d %s in %.1f s, %d descriptors\n", c->count, what, s, descriptors());
  fflush(stdout);
}

static void *connecting(void *arg) {
  struct crowd *c = arg;
  struct sockaddr_storage to;
  socklen_t len = address(&to, c->host, c->port);
  int i;
  while ((i = atomic_fetch_add(&c->next, 1)) < c->count) {
    int fd = quic_socket(to.ss_family, SOCK_DGRAM);
    patient(fd);
    check(connect(fd, (struct sockaddr *)&to, len) == 0, "connect");
    check(tls_client(fd, c->how) == 0, "handshake");
    c->fds[i] = fd;
  }
  return NULL;
}

static void *accepting(void *arg) {
  struct crowd *c = arg;
  int i;
  while ((i = atomic_fetch_add(&c->next, 1)) < c->count) {
    int fd = accept(c->listener, NULL, NULL);
    check(fd >= 0, "accept");
    check(tls_server(fd, c->how) == 0, "handshake");
    c->fds[i] = fd;
  }
  return NULL;
}

static void crowd(struct crowd *c, void *(*work)(void *), int threads) {
  pthread_t t[CLIENTS];
  for (int i = 0; i < threads; i++) {
    check(pthread_create(&t[i], NULL, work, c) == 0, "pthread_create");
  }
  for (int i = 0; i < threads; i++) {
    pthread_join(t[i], NULL);
  }
}

static int watch_all(const struct crowd *c) {
  int e = epoll_create1(EPOLL_CLOEXEC);
  check(e >= 0, "epoll_create1");
  for (int i = 0; i < c->count; i++) {
    struct epoll_event v = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
    check(epoll_ctl(e, EPOLL_CTL_ADD, c->fds[i], &v) == 0, "epoll_ctl");
  }
  return e;
}

static int wait_some(int e, struct epoll_event *v, int room) {
  int n = epoll_wait(e, v, room, PATIENCE);
  check(n > 0, "epoll_wait");
  return n;
}

static void word(char *to, int i) { snprintf(to, WORDS, "%09u", (unsigned)i % 1000000000); }

/* Every connection says its number and hears it. */
static void talk(const struct crowd *c) {
  struct epoll_event v[256];
  char w[WORDS];
  char back[WORDS * 2];
  int e = watch_all(c);
  for (int i = 0; i < c->count; i++) {
    word(w, i);
    check(quic_send(c->fds[i], w, WORDS, -1, STREAM_NEW | STREAM_FIN) == WORDS, "send");
  }
  for (int left = c->count; left > 0;) {
    int n = wait_some(e, v, 256);
    for (int k = 0; k < n; k++) {
      int i = (int)v[k].data.u32;
      int64_t stream = -1;
      uint32_t flags = MSG_DONTWAIT;
      ssize_t r = quic_recv(c->fds[i], back, sizeof(back), &stream, &flags);
      if (r < 0 && errno == EAGAIN) {
        continue;
      }
      word(w, i);
      check(r == WORDS && (flags & STREAM_FIN) && memcmp(w, back, WORDS) == 0, "the same word");
      left--;
    }
  }
  close(e);
}

/* Answers until every connection is over. */
static void answer(const struct crowd *c) {
  struct epoll_event v[256];
  char w[WORDS * 2];
  int e = watch_all(c);
  int words = 0;
  for (int left = c->count; left > 0;) {
    int n = wait_some(e, v, 256);
    for (int k = 0; k < n; k++) {
      int fd = c->fds[v[k].data.u32];
      int64_t stream = -1;
      uint32_t flags = MSG_DONTWAIT;
      ssize_t r = quic_recv(fd, w, sizeof(w), &stream, &flags);
      if (r < 0 && errno == EAGAIN) {
        continue;
      }
      if (r < 0) {
        check(errno == ENOTCONN, "the client's end");
        close(fd);
        left--;
        continue;
      }
      words += r == WORDS;
      check(quic_send(fd, w, (size_t)r, stream, STREAM_FIN) == r, "answer");
    }
  }
  check(words == c->count, "a word of each");
  close(e);
}

static int server(struct crowd *c) {
  c->listener = quic_bound(c->host, c->port);
  patient(c->listener);
  struct timeval none = {0, 0};
  check(setsockopt(c->listener, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof(none)) == 0, "SO_RCVTIMEO");
  check(listen(c->listener, 4096) == 0, "listen");
  printf("ready\n");
  fflush(stdout);
  crowd(c, accepting, SERVERS);
  answer(c);
  close(c->listener);
  return 0;
}

static int client(struct crowd *c) {
  double since = seconds();
  crowd(c, connecting, CLIENTS);
  say("connected", c, since);
  check(descriptors() <= c->count + c->count / 10 + 16, "1.1 descriptors a socket");
  since = seconds();
  talk(c);
  say("answered", c, since);
  since = seconds();
  for (int i = 0; i < c->count; i++) {
    close(c->fds[i]);
  }
  check(descriptors() < 16, "all closed");
  say("closed", c, since);
  return 0;
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  if (argc != 6) {
    fprintf(stderr, "usage: many server|client ADDRESS PORT HOW COUNT\n");
    return 64;
  }
  struct crowd c = {.host = argv[2], .port = atoi(argv[3]), .how = argv[4], .count = atoi(argv[5])};
  int limit = raise_limit();
  if (c.count + 16 > limit) {
    printf("a limit of %d descriptors is too low for %d sockets\n", limit, c.count);
    return 1;
  }
  c.fds = calloc((size_t)c.count, sizeof(int));
  check(c.fds != NULL, "calloc");
  int r = strcmp(argv[1], "server") == 0 ? server(&c) : client(&c);
  free(c.fds);
  return r;
}
