/* Cases 1 to 36 of the stream part. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "functest.h"

static void first_streams(int fd) {
  check(say(fd, "stream ", -1, 0) == 7, "stream 2");
  refused(say(fd, "x", -1, NEW), EINVAL, "stream 1");
  passed("stream", 1);
  check(say(fd, "two", -1, FIN) == 3, "stream 2");
  check(hear(fd, "stream two", "stream 2") == 0, "stream 2");
  passed("stream", 2);
  check(send(fd, "three", 5, MSG_SYN | MSG_FIN | MSG_CONFIRM) == 5, "stream 3");
  check(hear(fd, "three", "stream 3") == 3, "stream 3");
  passed("stream", 3);
  check(send(fd, "four", 4, MSG_SYN | MSG_FIN) == 4, "stream 4");
  check(hear(fd, "four", "stream 4") == 4, "stream 4");
  passed("stream", 4);
  check(stream_open(fd, 0, 0) < 0, "stream 5");
  passed("stream", 5);
}

static void opening(int fd) {
  check(stream_open(fd, 8, 0) == 8, "stream 6");
  passed("stream", 6);
  check(stream_open(fd, -1, 0) == 12, "stream 7");
  passed("stream", 7);
  check(stream_open(fd, -1, UNI) == 6, "stream 8");
  passed("stream", 8);
  ask(fd, "close 8", 8, 0, "stream 9");
  check(stream_open(fd, 8, 0) < 0, "stream 9");
  passed("stream", 9);
  refused(stream_open(fd, 12, 0), EINVAL, "stream 10");
  passed("stream", 10);
  check(ask(fd, "chosen", 12, 0, "stream 11") == 12, "stream 11");
  ask(fd, "uni", 6, 0, "stream 11");
  passed("stream", 11);
}

static void choosing(int fd) {
  check(say(fd, "un", -1, NEW) == 2, "stream 12");
  refused(say(fd, "x", -1, NEW), EINVAL, "stream 12");
  check(say(fd, "finished", -1, FIN) == 8, "stream 12");
  check(hear(fd, "unfinished", "stream 12") == 16, "stream 12");
  passed("stream", 12);
  check(ask(fd, "uni", -1, NEW | UNI, "stream 13") % 4 == 3, "stream 13");
  passed("stream", 13);
  check(ask(fd, "bidi", -1, NEW, "stream 14") == 20, "stream 14");
  passed("stream", 14);
  check(stream_open(fd, 24, 0) == 24 && stream_open(fd, 28, 0) == 28, "stream 15");
  check(ask(fd, "first", 24, 0, "stream 15") == 24, "stream 15");
  passed("stream", 15);
  check(ask(fd, "second", 28, 0, "stream 16") == 28, "stream 16");
  passed("stream", 16);
  check(say(fd, "x", 28, 0) < 0, "stream 17");
  passed("stream", 17);
  refused(quic_send(fd, "", 0, -1, NEW), EMSGSIZE, "nothing to send");
  refused(say(fd, "x", 4000, 0), EINVAL, "a stream nobody opened");
}

static void ending(int fd) {
  refused(stream_reset(fd, 28, 1), ENOSTR, "stream 30");
  passed("stream", 30);
  refused(stream_reset(fd, 4000, 1), EINVAL, "stream 31");
  passed("stream", 31);
  check(say(fd, "open", 32, NEW) == 4, "stream 32");
  check(stream_reset(fd, 32, 1) == 0, "stream 32");
  passed("stream", 32);
  refused(say(fd, "x", 32, 0), EINVAL, "stream 33");
  passed("stream", 33);
  refused(say(fd, "x", 32, FIN), EINVAL, "stream 34");
  passed("stream", 34);
  long uni = stream_open(fd, -1, UNI);
  check(uni > 0 && say(fd, "client stop_sending", uni, 0) == 19, "stream 35");
  hear(fd, "client stop_sending", "stream 35");
  refused(say(fd, "x", uni, 0), ENOSTR, "stream 35");
  passed("stream", 35);
  refused(say(fd, "x", uni, FIN), ENOSTR, "stream 36");
  passed("stream", 36);
}

void streams(int fd) {
  first_streams(fd);
  opening(fd);
  choosing(fd);
  ending(fd);
}

/* The highest stream that can be opened without waiting, opened; found by trying. */
static int64_t highest(int fd, int64_t id, uint32_t type) {
  errno = 0;
  while (stream_open(fd, id, STREAM_DONTWAIT | type) == id) {
    id += 4;
  }
  check(errno == EAGAIN, "the limit");
  return id - 4;
}

/* The numbers of the cases: beyond the first limit, beyond the present one, once that has grown. */
static void limit(int fd, const int *numbers, int by_option, uint32_t type) {
  char what[32];
  snprintf(what, sizeof(what), "stream %d", numbers[0]);
  int64_t start = stream_open(fd, -1, type);
  check(start > 0, what);
  int64_t top = highest(fd, start + 4, type);
  check(top >= 4 * 100, "credit has grown as streams ended");
  passed("stream", numbers[0]);
  snprintf(what, sizeof(what), "stream %d", numbers[1]);
  if (by_option) {
    refused(stream_open(fd, top + 4, STREAM_DONTWAIT), EAGAIN, what);
  } else {
    refused(say(fd, "x", top + 4, NEW | STREAM_DONTWAIT), EAGAIN, what);
    refused(say(fd, "x", top + 4, NEW | FIN | STREAM_DONTWAIT), EAGAIN, what);
  }
  passed("stream", numbers[1]);
  snprintf(what, sizeof(what), "stream %d", numbers[2]);
  ask(fd, "one ends", start, 0, what);
  /* Waits for the credit. */
  if (by_option) {
    check(stream_open(fd, top + 4, 0) == top + 4, what);
    ask(fd, "late", top + 4, 0, what);
  } else {
    ask(fd, "late", top + 4, NEW, what);
  }
  passed("stream", numbers[2]);
  for (int64_t id = start + 4; id <= top; id += 4) {
    ask(fd, "over", id, 0, what);
  }
}

void stream_limits(int fd) {
  static const int numbers[4][3] = {{18, 20, 21}, {19, 22, 23}, {24, 26, 27}, {25, 28, 29}};
  for (int i = 0; i < 4; i++) {
    limit(fd, numbers[i], i / 2, i % 2 ? UNI : 0);
  }
}
