/* A peer that does not read: who must not wait is told so, poll tells the truth, timeouts run out, nothing is lost. */
#include "calls.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/time.h>
#include <sys/wait.h>

#define PIECE 16384
#define FAR_TOO_MUCH (64 << 20)

static void reader(int listener, int go) {
  static char b[65536];
  size_t expected;
  size_t got = 0;
  int fd = accept_one(listener);
  close(listener);
  /* Not a byte is read before the client has seen what it wants to see. */
  check(read(go, &expected, sizeof expected) == sizeof expected);
  while (got < expected) {
    ssize_t n = read(fd, b, sizeof b);
    check(n > 0);
    for (ssize_t i = 0; i < n; i++) {
      check(b[i] == (char)((got + (size_t)i) / PIECE));
    }
    got += (size_t)n;
  }
  check(got == expected);
  write_all(fd, "e", 1);
  check(read(fd, b, 1) == -1 && errno == ENOTCONN);
  exit(0);
}

/* Sends until there is no room; what was sent so far. */
static size_t fill(int fd, size_t sent) {
  char b[PIECE];
  while (1) {
    memset(b, (int)(sent / PIECE), PIECE - sent % PIECE);
    ssize_t r = send(fd, b, PIECE - sent % PIECE, 0);
    if (r < 0) {
      check(errno == EAGAIN);
      return sent;
    }
    check(r > 0);
    sent += (size_t)r;
    check(sent < FAR_TOO_MUCH);
  }
}

int stall(void) {
  struct sockaddr_in a;
  int listener = listen_any(&a);
  int go[2];
  check(pipe(go) == 0);
  pid_t child = fork();
  if (child == 0) {
    reader(listener, go[0]);
  }
  close(listener);
  int fd = connect_to(&a);
  size_t sent = 0;
  struct pollfd p = {fd, POLLOUT, 0};
  check(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
  do {
    sent = fill(fd, sent);
  } while (poll(&p, 1, 500) == 1);
  check(sent > 1 << 20);
  check(fcntl(fd, F_SETFL, 0) == 0);
  struct timeval t = {0, 200000};
  check(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t) == 0);
  sent = fill(fd, sent);
  check(write(go[1], &sent, sizeof sent) == sizeof sent);
  char end;
  read_all(fd, &end, 1);
  close(fd);
  int status;
  check(waitpid(child, &status, 0) == child && status == 0);
  return 0;
}
