/* Cases 1 to 30 of the notification part. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "functest.h"

static unsigned char event[128];

static void update(int fd, int64_t stream, int state, uint32_t code, uint64_t size, int number) {
  struct stream_update u;
  char what[32];
  snprintf(what, sizeof(what), "notification %d", number);
  check(notice(fd, EV_STREAM_UPDATE, event, what) == 1 + sizeof(u), what);
  memcpy(&u, event + 1, sizeof(u));
  if ((stream >= 0 && u.id != stream) || u.state != state || u.errcode != code ||
      u.finalsz != size) {
    fprintf(stderr, "stream %ld state %d code %u size %lu\n", (long)u.id, u.state, u.errcode,
            (unsigned long)u.finalsz);
    errno = 0;
    fail(what);
  }
  passed("notification", number);
}

static void stream_updates(int fd) {
  check(event_switch(fd, EV_STREAM_UPDATE, 1) == 0, "notification 1");
  passed("notification", 1);
  long id = stream_open(fd, -1, 0);
  check(id > 0 && say(fd, "five!", id, FIN) == 5, "notification 2");
  update(fd, id, SEND_RECVD, 0, 5, 2);
  update(fd, id, RECV_RECV, 0, 0, 3);
  update(fd, id, RECV_RECVD, 0, 5, 4);
  check(hear(fd, "five!", "notification 5") == id, "notification 5");
  passed("notification", 5);
  id = stream_open(fd, -1, UNI);
  check(id > 0 && say(fd, "x", id, 0) == 1, "notification 6");
  check(stream_reset(fd, id, 3) == 0, "notification 6");
  check(notice(fd, EV_STREAM_UPDATE, event, "notification 6") == 25, "notification 6");
  check(event[9] == SEND_RESET_RECVD && event[13] == 3, "notification 6");
  passed("notification", 6);
  id = stream_open(fd, -1, UNI);
  check(id > 0 && say(fd, "client stop_sending", id, 0) == 19, "notification 7");
  update(fd, id, SEND_RESET_SENT, 1, 19, 7);
  int answered = 0;
  for (int i = 0; i < 3; i++) {
    check(notice(fd, EV_STREAM_UPDATE, event, "notification 8") == 25, "notification 8");
    answered |= event[9] == SEND_RESET_RECVD ? 1 : event[9] == RECV_RECV ? 2 : 4;
  }
  check(answered == 7, "notification 8");
  passed("notification", 8);
  hear(fd, "client stop_sending", "notification 8");
}

static void reset_by_the_server(int fd) {
  check(say(fd, "client reset", -1, NEW | UNI | FIN) == 12, "notification 9");
  int seen = 0;
  for (int i = 0; i < 5; i++) {
    /* The end of the question, the stream that is reset, and the answer's beginning and end. */
    struct stream_update u;
    do {
      int64_t stream = -1;
      uint32_t flags = 0;
      check(quic_recv(fd, event, sizeof(event), &stream, &flags) > 0, "notification 9");
      if (flags & NOTIFICATION) {
        break;
      }
    } while (1);
    memcpy(&u, event + 1, sizeof(u));
    if (u.state == RECV_RESET_RECVD) {
      check(u.errcode == 1 && u.finalsz == 9, "notification 10");
      seen = 1;
    }
  }
  passed("notification", 9);
  check(seen, "notification 10");
  passed("notification", 10);
  hear(fd, "client reset", "notification 11");
  check(event_switch(fd, EV_STREAM_UPDATE, 0) == 0, "notification 11");
  ask(fd, "quiet", -1, NEW, "notification 11");
  passed("notification", 11);
}

/* Reads what comes until the event, the answer to a question among it. */
static ssize_t sooner_or_later(int fd, int type, int answers, const char *what) {
  ssize_t found = 0;
  int ends = 0;
  unsigned char kept[128];
  while (!found || ends < answers) {
    unsigned char buf[128];
    int64_t stream = -1;
    uint32_t flags = 0;
    ssize_t n = quic_recv(fd, buf, sizeof(buf), &stream, &flags);
    check(n >= 0, what);
    if (flags & NOTIFICATION) {
      check(buf[0] == type, what);
      found = n;
      memcpy(kept, buf, (size_t)n);
    } else {
      ends += (flags & STREAM_FIN) != 0;
    }
  }
  memcpy(event, kept, sizeof(kept));
  return found;
}

static void max_streams(int fd) {
  check(event_switch(fd, EV_STREAM_MAX_STREAM, 1) == 0, "notification 12");
  passed("notification", 12);
  for (int uni = 0; uni < 2; uni++) {
    check(say(fd, "one less", -1, NEW | FIN | (uni ? UNI : 0u)) == 8, "notification 13");
    check(sooner_or_later(fd, EV_STREAM_MAX_STREAM, 1, "notification 13") == 9, "notification 13");
    uint64_t id;
    memcpy(&id, event + 1, sizeof(id));
    check((id & 3) == (uni ? 2u : 0u) && id > 4 * 100, "notification 13");
    passed("notification", 13 + uni);
  }
  check(event_switch(fd, EV_STREAM_MAX_STREAM, 0) == 0, "notification 15");
  passed("notification", 15);
}

static void migrations(int fd) {
  struct sockaddr_storage a;
  socklen_t len = sizeof(a);
  check(event_switch(fd, EV_CONNECTION_MIGRATION, 1) == 0, "notification 16");
  passed("notification", 16);
  check(getsockname(fd, (struct sockaddr *)&a, &len) == 0, "getsockname");
  len = (socklen_t)set_port(&a, port_of(&a) < 65000 ? port_of(&a) + 19 : port_of(&a) - 19);
  check(set_option(fd, OPT_CONNECTION_MIGRATION, &a, len) == 0, "notification 17");
  check(notice(fd, EV_CONNECTION_MIGRATION, event, "notification 17") == 2, "notification 17");
  check(event[1] == 1, "notification 17");
  passed("notification", 17);
  check(say(fd, "client migration", -1, NEW | FIN) == 16, "notification 18");
  check(sooner_or_later(fd, EV_CONNECTION_MIGRATION, 1, "notification 18") == 2,
        "notification 18");
  check(event[1] == 0, "notification 18");
  passed("notification", 18);
  check(event_switch(fd, EV_CONNECTION_MIGRATION, 0) == 0, "notification 19");
  passed("notification", 19);
}

static int updates(int fd, int wanted) {
  return (set_option(fd, OPT_KEY_UPDATE, NULL, 0) == 0) == wanted;
}

static void key_updates(int fd) {
  check(event_switch(fd, EV_KEY_UPDATE, 1) == 0, "notification 20");
  passed("notification", 20);
  until(updates, fd, 1, "notification 21");
  ask(fd, "no event", -1, NEW, "notification 21");
  passed("notification", 21);
  nanosleep(&(struct timespec){1, 0}, NULL);
  check(say(fd, "client key_update", -1, NEW | FIN) == 17, "notification 22");
  check(sooner_or_later(fd, EV_KEY_UPDATE, 1, "notification 22") == 2, "notification 22");
  passed("notification", 22);
  check(event_switch(fd, EV_KEY_UPDATE, 0) == 0, "notification 23");
  passed("notification", 23);
}

static void new_tokens(int fd) {
  char token[256];
  check(event_switch(fd, EV_NEW_TOKEN, 1) == 0, "notification 24");
  passed("notification", 24);
  check(say(fd, "client new_token", -1, NEW | FIN) == 16, "notification 25");
  ssize_t n = sooner_or_later(fd, EV_NEW_TOKEN, 1, "notification 25");
  check(get_option(fd, OPT_TOKEN, token, sizeof(token)) == n - 1, "notification 25");
  check(memcmp(token, event + 1, (size_t)n - 1) == 0, "notification 25");
  passed("notification", 25);
  check(event_switch(fd, EV_NEW_TOKEN, 0) == 0, "notification 26");
  passed("notification", 26);
}

static void connection_id_events(int fd) {
  check(event_switch(fd, EV_CONNECTION_ID, 1) == 0, "notification 27");
  passed("notification", 27);
  for (int dest = 0; dest < 2; dest++) {
    uint32_t first = (uint32_t)connection_id_first(fd, dest, NULL) + 1;
    check(connection_ids(fd, dest, 0, first) == 0, "notification 28");
    check(notice(fd, EV_CONNECTION_ID, event, "notification 28") == 13, "notification 28");
    struct connection_id_info info;
    memcpy(&info, event + 1, sizeof(info));
    check(info.dest == dest && info.prior_to == first, "notification 28");
    passed("notification", 28 + dest);
  }
  check(event_switch(fd, EV_CONNECTION_ID, 0) == 0, "notification 30");
  passed("notification", 30);
}

void notifications(int fd) {
  refused(event_switch(fd, 0, 1), EINVAL, "event 0");
  refused(event_switch(fd, 10, 1), EINVAL, "event 10");
  stream_updates(fd);
  reset_by_the_server(fd);
  max_streams(fd);
  migrations(fd);
  key_updates(fd);
  new_tokens(fd);
  connection_id_events(fd);
}
