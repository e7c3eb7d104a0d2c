/* Cases 1 to 27 of the connection part, and 3 to 7 of closing. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

#include "functest.h"

static int first_source(int fd, int wanted) {
  return connection_id_first(fd, 0, NULL) == wanted;
}

static int first_dest(int fd, int wanted) {
  return connection_id_first(fd, 1, NULL) == wanted;
}

static void retire(int fd, int dest) {
  int from = dest ? 6 : 0;
  int (*first)(int, int) = dest ? first_dest : first_source;
  uint32_t at = (uint32_t)connection_id_first(fd, dest, NULL);
  for (int i = 1; i <= 2; i++) {
    check(connection_ids(fd, dest, 0, at + (uint32_t)i) == 0, "retire one id");
    until(first, fd, (int)at + i, "retired id");
    ask(fd, "a round trip", -1, NEW, "after it");
    passed("connection", from + i);
  }
  refused(connection_ids(fd, dest, 0, at + 2), EINVAL, "retired id");
  passed("connection", from + 3);
  refused(connection_ids(fd, dest, 0, at + 9), EINVAL, "all ids");
  passed("connection", from + 4);
  refused(connection_ids(fd, dest, at + 2, 0), EINVAL, "the active id");
  check(connection_ids(fd, dest, 0, at + 5) == 0, "retire several ids");
  until(first, fd, (int)at + 5, "several ids");
  ask(fd, "a round trip", -1, NEW, "after it");
  passed("connection", from + 5);
  check(connection_ids(fd, dest, 0, at + 11) == 0, "retire all ids but one");
  until(first, fd, (int)at + 11, "all but one");
  ask(fd, "a round trip", -1, NEW, "after it");
  passed("connection", from + 6);
}

static void migration(int fd) {
  struct sockaddr_storage a;
  socklen_t len = sizeof(a);
  uint32_t source = (uint32_t)connection_id_first(fd, 0, NULL);
  uint32_t dest = (uint32_t)connection_id_first(fd, 1, NULL);
  check(getsockname(fd, (struct sockaddr *)&a, &len) == 0, "getsockname");
  refused(set_option(fd, OPT_CONNECTION_MIGRATION, &a, len), EINVAL, "the same address");
  refused(set_option(fd, OPT_CONNECTION_MIGRATION, &a, 6), EINVAL, "half an address");
  int port = port_of(&a) < 65000 ? port_of(&a) + 17 : port_of(&a) - 17;
  len = (socklen_t)set_port(&a, port);
  check(set_option(fd, OPT_CONNECTION_MIGRATION, &a, len) == 0, "connection 13");
  passed("connection", 13);
  ask(fd, "from a new address", -1, NEW, "connection 14");
  passed("connection", 14);
  until(has_local_port, fd, port, "connection 15");
  passed("connection", 15);
  until(first_dest, fd, (int)dest + 1, "connection 16");
  until(first_source, fd, (int)source + 1, "connection 16");
  passed("connection", 16);
  int server = peer_port(fd);
  ask(fd, "client migration", -1, NEW, "connection 17");
  passed("connection", 17);
  until(has_peer_port, fd, server + 1, "connection 18");
  passed("connection", 18);
  until(first_dest, fd, (int)dest + 2, "connection 19");
  until(first_source, fd, (int)source + 2, "connection 19");
  ask(fd, "to a new address", -1, NEW, "connection 19");
  passed("connection", 19);
}

static void keys(int fd) {
  check(set_option(fd, OPT_KEY_UPDATE, NULL, 0) == 0, "key update");
  refused(set_option(fd, OPT_KEY_UPDATE, NULL, 0), EINVAL, "connection 20");
  passed("connection", 20);
  ask(fd, "new keys", -1, NEW, "connection 21");
  passed("connection", 21);
  /* Old keys are kept for a while, and so long there is no other update. */
  nanosleep(&(struct timespec){1, 0}, NULL);
  ask(fd, "client key_update", -1, NEW, "connection 22");
  passed("connection", 22);
}

static void tokens(int fd) {
  char token[256];
  ask(fd, "client new_token", -1, NEW, "connection 23");
  passed("connection", 23);
  int n = get_option(fd, OPT_TOKEN, token, sizeof(token));
  check(n > 0 && n <= 120, "connection 24");
  passed("connection", 24);
  refused(set_option(fd, OPT_TOKEN, NULL, 0), EINVAL, "connection 25");
  refused(set_option(fd, OPT_TOKEN, token, 121), EINVAL, "connection 25");
  passed("connection", 25);
}

static void datagram(int fd) {
  char big[4096];
  int64_t stream = -1;
  uint32_t flags = 0;
  memset(big, 0, sizeof(big));
  check(quic_send(fd, "client datagram", 15, 0, DATAGRAM) == 15, "connection 26");
  ssize_t n = quic_recv(fd, big, sizeof(big), &stream, &flags);
  check(n == 15 && (flags & DATAGRAM) && memcmp(big, "client datagram", 15) == 0, "connection 26");
  struct iovec pieces[100];
  for (int i = 0; i < 100; i++) {
    pieces[i] = (struct iovec){big + i, 1};
  }
  struct msghdr m = {.msg_iov = pieces, .msg_iovlen = 100};
  check(sendmsg(fd, &m, DATAGRAM) == 100, "connection 26, in many pieces");
  flags = 0;
  check(quic_recv(fd, big, sizeof(big), &stream, &flags) == 100 && (flags & DATAGRAM), "connection 26, in many pieces");
  passed("connection", 26);
  refused(quic_send(fd, big, sizeof(big), 0, DATAGRAM), EMSGSIZE, "connection 27");
  passed("connection", 27);
}

void connections(int fd) {
  retire(fd, 0);
  retire(fd, 1);
  migration(fd);
  keys(fd);
  tokens(fd);
  datagram(fd);
}

void closing(int fd) {
  struct connection_close info = {.errcode = 77};
  unsigned char event[128];
  check(get_option(fd, OPT_CONNECTION_CLOSE, &info, sizeof(info)) == sizeof(info), "close 3");
  check(info.errcode == 0 && info.phrase[0] == 0, "close 3");
  passed("close", 3);
  info.errcode = 5;
  info.frame = 9;
  strcpy((char *)info.phrase, "mine");
  check(set_option(fd, OPT_CONNECTION_CLOSE, &info, sizeof(info)) == 0, "close 4");
  memset(&info, 0xff, sizeof(info));
  check(get_option(fd, OPT_CONNECTION_CLOSE, &info, sizeof(info)) == sizeof(info), "close 4");
  check(info.errcode == 5 && info.frame == 0 && strcmp((char *)info.phrase, "mine") == 0,
        "close 4");
  passed("close", 4);
  check(event_switch(fd, EV_CONNECTION_CLOSE, 1) == 0, "close 5");
  passed("close", 5);
  check(say(fd, "client close", -1, NEW | FIN) == 12, "close 6");
  passed("close", 6);
  check(notice(fd, EV_CONNECTION_CLOSE, event, "close 7") == 1 + sizeof(info), "close 7");
  memcpy(&info, event + 1, sizeof(info));
  check(info.errcode == 10 && info.frame == 0, "close 7");
  check(strcmp((char *)info.phrase, "this is app err") == 0, "close 7");
  passed("close", 7);
  int64_t stream;
  uint32_t flags = 0;
  refused(quic_recv(fd, event, sizeof(event), &stream, &flags), ENOTCONN, "recvmsg after it");
  refused(say(fd, "x", -1, NEW), EPIPE, "sendmsg after it");
}
