/* What recvmsg and sendmsg take and give. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include "odds.h"

void control_room(int fd) {
  char b[16];
  union {
    char room[64];
    struct cmsghdr align;
  } control;
  struct iovec v = {b, 3};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = 20};
  order(fd, "0123456789");
  /* usual: a control message is cut to the room, if that takes its header */
  memset(&control, 0xee, sizeof(control));
  check(recvmsg(fd, &m, 0) == 3 && (m.msg_flags & MSG_CTRUNC) && !(m.msg_flags & MSG_FIN), "a cut control message");
  check(m.msg_controllen == 20 && control.align.cmsg_len == 20, "a cut control message");
  check(control.align.cmsg_level == SOL_QUIC && control.align.cmsg_type == QUIC_STREAM_INFO, "its header");
  check((unsigned char)control.room[20] == 0xee, "nothing behind the room");
  m.msg_controllen = 8;
  memset(&control, 0xee, sizeof(control));
  check(recvmsg(fd, &m, 0) == 3 && (m.msg_flags & MSG_CTRUNC) && m.msg_controllen == 0, "no room for a header");
  check((unsigned char)control.room[0] == 0xee, "nothing is written");
  m.msg_controllen = sizeof(control);
  check(recvmsg(fd, &m, 0) == 3 && !(m.msg_flags & MSG_CTRUNC), "room");
  check(control.align.cmsg_len == CMSG_LEN(sizeof(struct stream_info)), "a whole control message");
  check(m.msg_controllen == CMSG_SPACE(sizeof(struct stream_info)) && m.msg_namelen == 0, "its space");
  /* facts: without room for the control message the end of the stream is in the flags */
  int last = 0;
  while (!(last & MSG_FIN)) {
    m.msg_control = NULL;
    m.msg_controllen = sizeof(control);
    check(recvmsg(fd, &m, 0) >= 0 && (m.msg_flags & MSG_CTRUNC) && m.msg_controllen == 0, "no control");
    last = m.msg_flags;
  }
  passing("room for control messages");
}

void nothing_at_all(int fd) {
  char b[16];
  struct iovec none[3] = {{NULL, 0}, {b, 0}, {NULL, 0}};
  struct iovec some[5] = {{b, 0}, {b, 3}, {NULL, 0}, {b + 3, 0}, {b + 3, 13}};
  struct msghdr empty = {.msg_iov = none, .msg_iovlen = 3};
  static struct iovec many[IOV_MAX + 1];
  volatile int less = -1;
  struct msghdr large = {.msg_iov = many, .msg_iovlen = IOV_MAX + 1};
  /* usual: read of nothing does not ask the socket, recv does */
  check(read(fd, b, 0) == 0 && readv(fd, none, 3) == 0 && readv(fd, none, 0) == 0, "read of nothing");
  refused(recv(fd, b, 0, MSG_DONTWAIT), EAGAIN, "recv of nothing");
  order(fd, "abcdefg");
  check(recv(fd, b, 0, 0) == 0 && recvmsg(fd, &empty, 0) == 0, "recv of nothing takes nothing");
  empty.msg_controllen = 0;
  check(recv(fd, b, 2, 0) == 2 && memcmp(b, "ab", 2) == 0, "recv");
  check(readv(fd, some, 5) == 5 && memcmp(b, "cdefg", 5) == 0, "empty parts");
  if (recv(fd, b, 1, MSG_DONTWAIT) < 0) {
    errno = 0;
  }
  /* facts: an empty message has to end its stream */
  struct stream_info info = {-1, 0};
  check(get_option(fd, OPT_STREAM_OPEN, &info, sizeof(info)) > 0, "STREAM_OPEN");
  refused(send(fd, "", 0, MSG_NOSIGNAL), EMSGSIZE, "send of nothing");
  refused(sendmsg(fd, &empty, MSG_NOSIGNAL), EMSGSIZE, "sendmsg of empty parts");
  refused(write(fd, "", 0), EMSGSIZE, "write of nothing");
  /* usual: writev of nothing does not ask the socket */
  check(writev(fd, none, 3) == 0 && writev(fd, none, 0) == 0, "writev of nothing");
  struct iovec parts[4] = {{NULL, 0}, {"x", 1}, {"", 0}, {"yz", 2}};
  check(writev(fd, parts, 4) == 3, "writev");
  check(sendmsg(fd, &empty, MSG_FIN) == 0, "the end alone");
  rest(fd, b, 3);
  check(memcmp(b, "xyz", 3) == 0, "what was between");
  /* usual */
  refused(readv(fd, none, less), EINVAL, "readv of less than nothing");
  refused(writev(fd, none, less), EINVAL, "writev of less than nothing");
  refused(readv(fd, many, IOV_MAX + 1), EINVAL, "readv of too many");
  refused(writev(fd, many, IOV_MAX + 1), EINVAL, "writev of too many");
  refused(recvmsg(fd, &large, MSG_DONTWAIT), EMSGSIZE, "recvmsg of too many");
  refused(sendmsg(fd, &large, MSG_NOSIGNAL), EMSGSIZE, "sendmsg of too many");
  struct iovec beyond[2] = {{b, SIZE_MAX}, {b, 1}};
  refused(readv(fd, beyond, 2), EINVAL, "a length that is none");
  refused(writev(fd, beyond, 2), EINVAL, "a length that is none");
  passing("nothing");
}

/* The next message, if it is an event, in two parts. True when it was. */
static int event_in_parts(int fd) {
  unsigned char b[64];
  struct iovec v = {b, 1};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
  check(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 20000) == 1, "a message");
  check(recvmsg(fd, &m, 0) >= 0, "a message");
  if (!(m.msg_flags & NOTIFICATION)) {
    return 0;
  }
  check(b[0] == EV_STREAM_UPDATE && !(m.msg_flags & (MSG_EOR | MSG_TRUNC | MSG_CTRUNC)), "a part of an event");
  v = (struct iovec){b + 1, sizeof(b) - 1};
  check(recvmsg(fd, &m, 0) == sizeof(struct stream_update), "the rest of an event");
  check((m.msg_flags & (NOTIFICATION | MSG_EOR)) == (NOTIFICATION | MSG_EOR), "the rest of an event");
  return 1;
}

/* facts: a short read leaves the rest, whatever the message is; MSG_TRUNC means nothing. */
void parts_of_messages(int fd) {
  char b[16];
  order(fd, "0123456789");
  check(recv(fd, b, 4, MSG_TRUNC) == 4 && memcmp(b, "0123", 4) == 0, "MSG_TRUNC");
  check(recv(fd, b, 2, MSG_PEEK | MSG_TRUNC) == 2 && memcmp(b, "45", 2) == 0, "MSG_PEEK and MSG_TRUNC");
  rest(fd, b, 6);
  check(memcmp(b, "456789", 6) == 0, "the rest");
  check(event_switch(fd, EV_STREAM_UPDATE, 1) == 0, "EVENT");
  check(send(fd, "e", 1, MSG_SYN | MSG_FIN) == 1, "send");
  check(event_in_parts(fd), "an event before its data");
  check(event_switch(fd, EV_STREAM_UPDATE, 0) == 0, "EVENT");
  rest(fd, b, 1);
  /* The end of the stream there is told behind its data, if it was not told before. */
  while (recv(fd, b, sizeof(b), MSG_DONTWAIT) >= 0) {
  }
  passing("parts of messages");
}

static ssize_t with(int fd, int level, int type, size_t len, size_t room) {
  union {
    char bytes[64];
    struct cmsghdr align;
  } control;
  struct iovec v = {"c", 1};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = room};
  memset(&control, 0, sizeof(control));
  control.align.cmsg_level = level;
  control.align.cmsg_type = type;
  control.align.cmsg_len = len;
  return sendmsg(fd, &m, MSG_SYN | MSG_FIN | MSG_NOSIGNAL);
}

void control_messages(int fd) {
  char b[4];
  check(with(fd, IPPROTO_IP, 99, CMSG_LEN(4), CMSG_SPACE(4)) == 1, "another level is skipped (facts)");
  rest(fd, b, 1);
  check(with(fd, SOL_QUIC, 77, CMSG_LEN(4), 8) == 1, "less than a header is nothing (usual)");
  rest(fd, b, 1);
  refused(with(fd, SOL_QUIC, 77, CMSG_LEN(4), CMSG_SPACE(4)), EINVAL, "an unknown type (facts)");
  refused(with(fd, SOL_QUIC, QUIC_STREAM_INFO, CMSG_LEN(16), CMSG_SPACE(4)), EINVAL, "longer than its room (usual)");
  refused(with(fd, SOL_QUIC, QUIC_STREAM_INFO, 8, CMSG_SPACE(16)), EINVAL, "shorter than a header (usual)");
  refused(with(fd, SOL_QUIC, QUIC_STREAM_INFO, CMSG_LEN(4), CMSG_SPACE(16)), EINVAL, "half a struct");
  refused(with(fd, IPPROTO_IP, 99, 0, CMSG_SPACE(16)), EINVAL, "no length (usual)");
  passing("control messages");
}

void files(int fd) {
  char b[16];
  int ends[2];
  FILE *f = tmpfile();
  check(f != NULL && fputs("0123456789", f) >= 0 && fflush(f) == 0 && pipe(ends) == 0, "a file");
  int in = fileno(f);
  off_t at = 4;
  struct stream_info info = {-1, 0};
  check(get_option(fd, OPT_STREAM_OPEN, &info, sizeof(info)) > 0, "STREAM_OPEN");
  check(lseek(in, 1, SEEK_SET) == 1, "lseek");
  check(sendfile(fd, in, &at, 3) == 3 && at == 7 && lseek(in, 0, SEEK_CUR) == 1, "sendfile with a place");
  check(sendfile(fd, in, NULL, 2) == 2 && lseek(in, 0, SEEK_CUR) == 3, "sendfile without");
  check(sendfile(fd, in, &at, 100) == 3 && at == 10, "sendfile up to the end");
  check(sendfile(fd, in, &at, 100) == 0 && sendfile(fd, in, NULL, 0) == 0, "sendfile of nothing");
  at = -1;
  refused(sendfile(fd, in, &at, 1), EINVAL, "sendfile from before (usual)");
  refused(sendfile(fd, ends[0], NULL, 1), EINVAL, "sendfile from a pipe (usual)");
  refused(sendfile(fd, fd, NULL, 1), EINVAL, "sendfile from a socket (usual)");
  refused(sendfile(fd, 9999, NULL, 1), EBADF, "sendfile from nowhere (usual)");
  check(send(fd, ".", 1, MSG_FIN) == 1, "the end");
  rest(fd, b, 9);
  check(memcmp(b, "45612789.", 9) == 0, "what was sent");
  refused(splice(ends[0], NULL, fd, NULL, 1, 0), EINVAL, "splice");
  refused(splice(fd, NULL, ends[1], NULL, 1, 0), EINVAL, "splice");
  struct iovec v = {b, 8};
  refused(preadv2(fd, &v, 1, -1, RWF_NOWAIT), EAGAIN, "preadv2 of nothing (usual)");
  refused(preadv2(fd, &v, 1, 0, 0), ESPIPE, "preadv2 with a place (usual)");
  check(get_option(fd, OPT_STREAM_OPEN, &(struct stream_info){-1, 0}, sizeof(info)) > 0, "STREAM_OPEN");
  check(pwritev2(fd, &v, 1, -1, 0) == 8 && sendmsg(fd, &(struct msghdr){0}, MSG_FIN) == 0, "pwritev2");
  rest(fd, b, 8);
  refused(lseek(fd, 0, SEEK_SET), ESPIPE, "lseek (usual)");
  refused(pread(fd, b, 1, 0), ESPIPE, "pread (usual)");
  refused(pwrite(fd, b, 1, 0), ESPIPE, "pwrite (usual)");
  fclose(f);
  close(ends[0]);
  close(ends[1]);
  passing("sendfile");
}
