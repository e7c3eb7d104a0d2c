/* The functions programs call. What is not ours goes straight on. */
#include "quicsock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A negated errno the way programs get it. */
static long answer(long r) {
  if (r < 0) {
    errno = (int)-r;
    return -1;
  }
  return r;
}

EXPORT int socket(int domain, int type, int protocol) {
  if (protocol == IPPROTO_QUIC && (domain == AF_INET || domain == AF_INET6)) {
    return (int)answer(q_socket(domain, type, protocol));
  }
  if (domain == AF_NETLINK && protocol == NETLINK_GENERIC) {
    return (int)answer(bus_socket(type, protocol));
  }
  int fd = REAL(socket)(domain, type, protocol);
  if (fd >= 0 && table_has(fd)) {
    table_forget(fd);
  }
  return fd;
}

EXPORT int bind(int fd, const struct sockaddr *a, socklen_t len) {
  struct qsock *s = table_get(fd);
  if (s == NULL) {
    return REAL(bind)(fd, a, len);
  }
  int r = s->kind == KIND_QUIC ? q_bind(fd, s, a, len) : bus_bind(fd, s, a, len);
  table_put(s);
  return (int)answer(r);
}

EXPORT int connect(int fd, const struct sockaddr *a, socklen_t len) {
  struct qsock *s = table_get(fd);
  if (s == NULL) {
    return REAL(connect)(fd, a, len);
  }
  int r;
  if (s->kind == KIND_QUIC) {
    r = q_connect(fd, s, a, len);
  } else {
    /* A netlink socket's only peer is the kernel. */
    r = s->bus.ours ? 0 : REAL(connect)(fd, a, len) < 0 ? -errno : 0;
  }
  table_put(s);
  return (int)answer(r);
}

EXPORT int listen(int fd, int backlog) {
  struct qsock *s = table_get(fd);
  if (s == NULL) {
    return REAL(listen)(fd, backlog);
  }
  int r = s->kind == KIND_QUIC ? q_listen(fd, s, backlog) : -EOPNOTSUPP;
  table_put(s);
  return (int)answer(r);
}

/* For a thread that is cancelled in a call. */
static void unused(void *s) { table_put(s); }

EXPORT int accept4(int fd, struct sockaddr *a, socklen_t *len, int flags) {
  struct qsock *s = table_get(fd);
  if (s == NULL) {
    int r = REAL(accept4)(fd, a, len, flags);
    if (r >= 0 && table_has(r)) {
      table_forget(r);
    }
    return r;
  }
  int r;
  pthread_cleanup_push(unused, s);
  r = s->kind == KIND_QUIC ? q_accept(fd, s, a, len, flags) : -EOPNOTSUPP;
  pthread_cleanup_pop(1);
  return (int)answer(r);
}

EXPORT int accept(int fd, struct sockaddr *a, socklen_t *len) {
  return table_has(fd) ? accept4(fd, a, len, 0) : REAL(accept)(fd, a, len);
}

EXPORT int getsockname(int fd, struct sockaddr *restrict a, socklen_t *restrict len) {
  struct qsock *s = table_get(fd);
  if (s == NULL) {
    return REAL(getsockname)(fd, a, len);
  }
  int r = s->kind == KIND_QUIC ? q_name(fd, s, OP_GETSOCKNAME, a, len) : bus_name(fd, s, false, a, len);
  table_put(s);
  return (int)answer(r);
}

EXPORT int getpeername(int fd, struct sockaddr *restrict a, socklen_t *restrict len) {
  struct qsock *s = table_get(fd);
  if (s == NULL) {
    return REAL(getpeername)(fd, a, len);
  }
  int r = s->kind == KIND_QUIC ? q_name(fd, s, OP_GETPEERNAME, a, len) : bus_name(fd, s, true, a, len);
  table_put(s);
  return (int)answer(r);
}

EXPORT int shutdown(int fd, int how) {
  struct qsock *s = table_get(fd);
  if (s == NULL) {
    return REAL(shutdown)(fd, how);
  }
  int r = s->kind == KIND_QUIC ? q_shutdown(fd, s, how) : -EOPNOTSUPP;
  table_put(s);
  return (int)answer(r);
}

EXPORT int getsockopt(int fd, int level, int name, void *restrict v, socklen_t *restrict len) {
  struct qsock *s = table_get(fd);
  if (s == NULL) {
    return REAL(getsockopt)(fd, level, name, v, len);
  }
  /* It may wait, but threads are not cancelled in it. */
  int cancel;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
  int r = s->kind == KIND_QUIC ? q_getsockopt(fd, s, level, name, v, len) : bus_getsockopt(fd, s, level, name, v, len);
  table_put(s);
  pthread_setcancelstate(cancel, NULL);
  return (int)answer(r);
}

EXPORT int setsockopt(int fd, int level, int name, const void *v, socklen_t len) {
  struct qsock *s = table_get(fd);
  if (s == NULL) {
    return REAL(setsockopt)(fd, level, name, v, len);
  }
  int r = s->kind == KIND_QUIC ? q_setsockopt(fd, s, level, name, v, len) : bus_setsockopt(fd, s, level, name, v, len);
  table_put(s);
  return (int)answer(r);
}

static int any_ioctl(int fd, unsigned long request, void *arg) {
  struct qsock *s = table_get(fd);
  if (s == NULL) {
    return REAL(ioctl)(fd, request, arg);
  }
  int r = s->kind == KIND_QUIC ? q_ioctl(fd, s, request, arg) : REAL(ioctl)(fd, request, arg) < 0 ? -errno : 0;
  table_put(s);
  return (int)answer(r);
}

EXPORT int ioctl(int fd, unsigned long request, ...) {
  va_list args;
  va_start(args, request);
  void *arg = va_arg(args, void *);
  va_end(args);
  return any_ioctl(fd, request, arg);
}

/* Descriptors come and go. */

static int any_fcntl(int fd, int command, void *arg) {
  int r = REAL(fcntl)(fd, command, arg);
  if (r >= 0 && (command == F_DUPFD || command == F_DUPFD_CLOEXEC) && table_is_ours()) {
    table_dup(fd, r);
  }
  return r;
}

EXPORT int fcntl(int fd, int command, ...) {
  va_list args;
  va_start(args, command);
  void *arg = va_arg(args, void *);
  va_end(args);
  return any_fcntl(fd, command, arg);
}

EXPORT int fcntl64(int fd, int command, ...) {
  va_list args;
  va_start(args, command);
  void *arg = va_arg(args, void *);
  va_end(args);
  return any_fcntl(fd, command, arg);
}

EXPORT int dup(int fd) {
  int r = REAL(dup)(fd);
  if (r >= 0 && (table_has(fd) || table_has(r)) && table_is_ours()) {
    table_dup(fd, r);
  }
  return r;
}

/* What has to be known before a number is taken. */
static void make_room(int fd, int to) {
  if (fd != to && door_owns(to) && table_is_ours()) {
    door_evict(to);
  }
}

EXPORT int dup2(int fd, int to) {
  make_room(fd, to);
  int r = REAL(dup2)(fd, to);
  if (r >= 0 && fd != to && (table_has(fd) || table_has(to)) && table_is_ours()) {
    table_dup(fd, to);
  }
  return r;
}

EXPORT int dup3(int fd, int to, int flags) {
  make_room(fd, to);
  int r = REAL(dup3)(fd, to, flags);
  if (r >= 0 && (table_has(fd) || table_has(to)) && table_is_ours()) {
    table_dup(fd, to);
  }
  return r;
}

EXPORT int close(int fd) {
  if (door_owns(fd) && table_is_ours()) {
    /* A program that closes all it does not know means its own. */
    errno = EBADF;
    return -1;
  }
  return table_has(fd) && table_is_ours() ? table_close(fd) : REAL(close)(fd);
}

EXPORT int fclose(FILE *f) {
  int fd = fileno(f);
  if (table_has(fd) && table_is_ours()) {
    /* Before it is closed, after which the number may be another thread's. */
    table_forget(fd);
  }
  return REAL(fclose)(f);
}

static void closed_range(unsigned from, unsigned to) {
  for (unsigned fd = from; fd <= to && fd < (1U << 20); fd++) {
    table_forget((int)fd);
  }
}

EXPORT int close_range(unsigned from, unsigned to, int flags) {
  bool closes = !(flags & (int)CLOSE_RANGE_CLOEXEC) && table_is_ours();
  int r = REAL(close_range)(from, to, flags);
  if (r == 0 && closes) {
    door_check();
    closed_range(from, to);
  }
  return r;
}

EXPORT void closefrom(int from) {
  bool ours = table_is_ours();
  REAL(closefrom)(from);
  if (ours) {
    door_check();
    closed_range(from < 0 ? 0 : (unsigned)from, UINT32_MAX);
  }
}
