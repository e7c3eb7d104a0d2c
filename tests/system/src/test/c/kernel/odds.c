/*
 * What programs seldom do, but may: short buffers, empty vectors, calls that come twice or too late, descriptors that
 * take each other's place, signals in between.
 *
 * odds server ADDRESS PORT HOW | odds client ADDRESS PORT HOW
 */
#include "odds.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS 4

static int done;
const char *program;

void passing(const char *what) {
  printf("%d %s\n", ++done, what);
  fflush(stdout);
}

void nap(long ms) {
  nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

int number(int fd, int name) {
  int v = -1;
  socklen_t len = sizeof(v);
  check(getsockopt(fd, SOL_SOCKET, name, &v, &len) == 0 && len == sizeof(v), "SOL_SOCKET");
  return v;
}

void order(int fd, const char *text) {
  size_t n = strlen(text);
  int waiting = 0;
  check(send(fd, text, n, MSG_SYN | MSG_FIN) == (ssize_t)n, "order");
  for (int i = 0; i < 2000 && waiting < (int)n; i++) {
    check(ioctl(fd, FIONREAD, &waiting) == 0, "FIONREAD");
    nap(10);
  }
  check(waiting >= (int)n, "the answer");
}

void rest(int fd, char *b, size_t n) {
  int flags = 0;
  size_t got = 0;
  while (!(flags & MSG_FIN)) {
    struct iovec v = {b + got, n - got};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
    ssize_t r = recvmsg(fd, &m, 0);
    check(r >= 0, "the rest");
    flags = m.msg_flags & NOTIFICATION ? 0 : m.msg_flags;
    got += m.msg_flags & NOTIFICATION ? 0 : (size_t)r;
  }
  check(got == n, "the length of the rest");
}

int connected(const char *host, int port, const char *how) {
  struct sockaddr_storage to;
  socklen_t len = address(&to, host, port);
  int fd = quic_socket(to.ss_family, SOCK_STREAM);
  struct connection_close info = {.errcode = GOODBYE};
  check(set_option(fd, OPT_CONNECTION_CLOSE, &info, sizeof(info)) == 0, "CONNECTION_CLOSE");
  check(connect(fd, (struct sockaddr *)&to, len) == 0, "connect");
  check(tls_client(fd, how) == 0, "handshake");
  return fd;
}

/* SO_LINGER does not change how a connection ends, nor how long close takes (facts: one close, with what is stored). */
static void linger(int fd) {
  struct linger at_once = {1, 0};
  check(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) == 0, "SO_LINGER");
  check(close(fd) == 0, "close");
  passing("SO_LINGER");
}

static int client(const char *host, int port, const char *how) {
  states(host, port + 1);
  lengths(host, port + 1);
  int fd = connected(host, port, how);
  control_room(fd);
  nothing_at_all(fd);
  parts_of_messages(fd);
  control_messages(fd);
  files(fd);
  flags_of_files(fd);
  executed(fd);
  counters(fd);
  high_numbers(fd);
  numbers_of_threads();
  interrupted(fd);
  cancelled(fd);
  over_others(fd, connected(host, port, how));
  int other = connected(host, port, how);
  waits_for_credit(other);
  linger(other);
  other = connected(host, port, how);
  waits_for_room(other);
  signals_of_pipes(other);
  return 0;
}

static void *echo(void *arg) {
  int fd = *(int *)arg;
  quic_bounce(fd);
  struct connection_close info = {0};
  check(get_option(fd, OPT_CONNECTION_CLOSE, &info, sizeof(info)) == sizeof(info), "CONNECTION_CLOSE");
  check(info.errcode == GOODBYE, "how the client closed");
  close(fd);
  return NULL;
}

static int server(const char *host, int port, const char *how) {
  int listener = quic_listening(host, port, CONNECTIONS);
  struct timeval slow = {100, 0};
  check(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &slow, sizeof(slow)) == 0, "SO_RCVTIMEO");
  pthread_t threads[CONNECTIONS];
  int fds[CONNECTIONS];
  for (int i = 0; i < CONNECTIONS; i++) {
    /* usual: an address without room for its length is refused, a short room cuts the address and not the length */
    struct sockaddr_storage a;
    socklen_t len = 2;
    refused(accept(listener, (struct sockaddr *)&a, NULL), EFAULT, "accept without a length");
    memset(&a, 0xee, sizeof(a));
    fds[i] = accept(listener, (struct sockaddr *)&a, &len);
    check(fds[i] >= 0 && len >= 16 && ((unsigned char *)&a)[2] == 0xee, "accept with a short address");
    check(number(fds[i], SO_ACCEPTCONN) == 0 && number(fds[i], SO_PROTOCOL) == IPPROTO_QUIC, "an accepted socket");
    check(number(fds[i], SO_TYPE) == SOCK_DGRAM, "its type");
    check(number(fds[i], SO_DOMAIN) == number(listener, SO_DOMAIN), "its domain");
    check(tls_server(fds[i], how) == 0, "handshake");
    check(pthread_create(&threads[i], NULL, echo, &fds[i]) == 0, "pthread_create");
  }
  for (int i = 0; i < CONNECTIONS; i++) {
    check(pthread_join(threads[i], NULL) == 0, "pthread_join");
  }
  close(listener);
  return 0;
}

int main(int argc, char **argv) {
  program = argv[0];
  if (argc == 4 && strcmp(argv[1], "exec") == 0) {
    return after_exec(atoi(argv[2]), atoi(argv[3]));
  }
  return either_end(argc, argv, server, client);
}
