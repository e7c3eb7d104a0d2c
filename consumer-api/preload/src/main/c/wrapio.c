/* The functions programs read, write and wait with. */
#include "quicsock.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes sendfile carries at a time. */
#define FILE_PIECE 65536

/* What the kernel says of a vector before it asks the socket; its length. */
static ssize_t check_vector(const struct iovec *v, size_t n, int too_many) {
  size_t sum = 0;
  if (n > IOV_MAX) {
    return -too_many;
  }
  if (v == NULL && n > 0) {
    return -EFAULT;
  }
  for (size_t i = 0; i < n; i++) {
    if (v[i].iov_len > SSIZE_MAX) {
      return -EINVAL;
    }
    sum += sum > SSIZE_MAX ? 0 : v[i].iov_len;
  }
  return sum > SSIZE_MAX ? SSIZE_MAX : (ssize_t)sum;
}

/* Also of the message around it. */
static int check_message(const struct msghdr *m) {
  ssize_t r = check_vector(m->msg_iov, m->msg_iovlen, EMSGSIZE);
  return r < 0 ? (int)r : m->msg_name != NULL && (int)m->msg_namelen < 0 ? -EINVAL : 0;
}

/* For a thread that is cancelled in a call. */
static void unused(void *s) { table_put(s); }

/* Sends on one of ours, with the signal that belongs to EPIPE. */
static ssize_t send_on(int fd, struct qsock *s, const struct msghdr *m, int flags) {
  ssize_t r = check_message(m);
  pthread_cleanup_push(unused, s);
  if (r == 0) {
    r = s->kind == KIND_QUIC ? q_sendmsg(fd, s, m, flags) : bus_sendmsg(fd, s, m, flags);
  }
  pthread_cleanup_pop(1);
  if (r < 0) {
    if (r == -EPIPE && !(flags & MSG_NOSIGNAL)) {
      raise(SIGPIPE);
    }
    errno = (int)-r;
    return -1;
  }
  return r;
}

static ssize_t receive_on(int fd, struct qsock *s, struct msghdr *m, int flags) {
  ssize_t r = check_message(m);
  pthread_cleanup_push(unused, s);
  if (r == 0) {
    r = s->kind == KIND_QUIC ? q_recvmsg(fd, s, m, flags) : bus_recvmsg(fd, s, m, flags);
  }
  pthread_cleanup_pop(1);
  if (r < 0) {
    errno = (int)-r;
    return -1;
  }
  return r;
}

static ssize_t send_bytes(int fd, struct qsock *s, const void *b, size_t n, int flags) {
  struct iovec v = {(void *)b, n};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
  return send_on(fd, s, &m, flags);
}

static ssize_t receive_bytes(int fd, struct qsock *s, void *b, size_t n, int flags) {
  struct iovec v = {b, n};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
  return receive_on(fd, s, &m, flags);
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *m, int flags) {
  struct qsock *s = table_get(fd);
  return s == NULL ? REAL(sendmsg)(fd, m, flags) : send_on(fd, s, m, flags);
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *m, int flags) {
  struct qsock *s = table_get(fd);
  if (s != NULL) {
    return receive_on(fd, s, m, flags);
  }
  ssize_t r = REAL(recvmsg)(fd, m, flags);
  if (r >= 0 && m->msg_controllen > 0 && table_is_ours()) {
    table_came_in(m);
  }
  return r;
}

EXPORT ssize_t send(int fd, const void *b, size_t n, int flags) {
  struct qsock *s = table_get(fd);
  return s == NULL ? REAL(send)(fd, b, n, flags) : send_bytes(fd, s, b, n, flags);
}

EXPORT ssize_t sendto(int fd, const void *b, size_t n, int flags, const struct sockaddr *a, socklen_t len) {
  struct qsock *s = table_get(fd);
  if (s == NULL) {
    return REAL(sendto)(fd, b, n, flags, a, len);
  }
  /* A QUIC socket has one peer, the address means nothing; the kernel's netlink sockets may have more. */
  struct iovec v = {(void *)b, n};
  struct msghdr m = {.msg_name = (void *)a, .msg_namelen = len, .msg_iov = &v, .msg_iovlen = 1};
  return send_on(fd, s, &m, flags);
}

EXPORT ssize_t recv(int fd, void *b, size_t n, int flags) {
  struct qsock *s = table_get(fd);
  return s == NULL ? REAL(recv)(fd, b, n, flags) : receive_bytes(fd, s, b, n, flags);
}

EXPORT ssize_t recvfrom(int fd, void *restrict b, size_t n, int flags, struct sockaddr *restrict a,
                        socklen_t *restrict len) {
  struct qsock *s = table_get(fd);
  if (s == NULL) {
    return REAL(recvfrom)(fd, b, n, flags, a, len);
  }
  struct iovec v = {b, n};
  struct msghdr m = {.msg_name = a, .msg_namelen = a && len ? *len : 0, .msg_iov = &v, .msg_iovlen = 1};
  ssize_t r = receive_on(fd, s, &m, flags);
  if (r >= 0 && len != NULL) {
    *len = m.msg_namelen;
  }
  return r;
}

/* The answer without asking the socket. */
static ssize_t nothing(struct qsock *s, ssize_t r) {
  table_put(s);
  if (r < 0) {
    errno = (int)-r;
    return -1;
  }
  return 0;
}

EXPORT ssize_t read(int fd, void *b, size_t n) {
  struct qsock *s = table_get(fd);
  if (s != NULL && n == 0) {
    /* Sockets are not asked for nothing; to write nothing, they are. */
    return nothing(s, 0);
  }
  return s == NULL ? REAL(read)(fd, b, n) : receive_bytes(fd, s, b, n, 0);
}

EXPORT ssize_t write(int fd, const void *b, size_t n) {
  struct qsock *s = table_get(fd);
  return s == NULL ? REAL(write)(fd, b, n) : send_bytes(fd, s, b, n, 0);
}

EXPORT ssize_t readv(int fd, const struct iovec *v, int n) {
  struct qsock *s = table_get(fd);
  if (s == NULL) {
    return REAL(readv)(fd, v, n);
  }
  struct msghdr m = {.msg_iov = (struct iovec *)v, .msg_iovlen = (size_t)n};
  ssize_t length = check_vector(v, (size_t)n, EINVAL);
  return length > 0 ? receive_on(fd, s, &m, 0) : nothing(s, length);
}

EXPORT ssize_t writev(int fd, const struct iovec *v, int n) {
  struct qsock *s = table_get(fd);
  if (s == NULL) {
    return REAL(writev)(fd, v, n);
  }
  struct msghdr m = {.msg_iov = (struct iovec *)v, .msg_iovlen = (size_t)n};
  ssize_t length = check_vector(v, (size_t)n, EINVAL);
  return length > 0 ? send_on(fd, s, &m, 0) : nothing(s, length);
}

/* A socket has no place to read or write at; -1 is the place where readv and writev are. */
static ssize_t at_place(int fd, const struct iovec *v, int n, off_t at, int flags, bool writes) {
  if (at != -1 || (flags & ~RWF_NOWAIT)) {
    errno = at != -1 ? ESPIPE : EOPNOTSUPP;
    return -1;
  }
  struct msghdr m = {.msg_iov = (struct iovec *)v, .msg_iovlen = (size_t)n};
  int wait = flags & RWF_NOWAIT ? MSG_DONTWAIT : 0;
  ssize_t length = check_vector(v, (size_t)n, EINVAL);
  struct qsock *s = table_get(fd);
  if (s == NULL) {
    errno = EBADF;
    return -1;
  }
  if (length <= 0) {
    return nothing(s, length);
  }
  return writes ? send_on(fd, s, &m, wait) : receive_on(fd, s, &m, wait);
}

EXPORT ssize_t preadv2(int fd, const struct iovec *v, int n, off_t at, int flags) {
  return table_has(fd) ? at_place(fd, v, n, at, flags, false) : REAL(preadv2)(fd, v, n, at, flags);
}

EXPORT ssize_t preadv64v2(int fd, const struct iovec *v, int n, off_t at, int flags) {
  return preadv2(fd, v, n, at, flags);
}

EXPORT ssize_t pwritev2(int fd, const struct iovec *v, int n, off_t at, int flags) {
  return table_has(fd) ? at_place(fd, v, n, at, flags, true) : REAL(pwritev2)(fd, v, n, at, flags);
}

EXPORT ssize_t pwritev64v2(int fd, const struct iovec *v, int n, off_t at, int flags) {
  return pwritev2(fd, v, n, at, flags);
}

/* What would go past this library into the descriptor is refused, as by files that cannot splice. */
EXPORT ssize_t splice(int in, off_t *in_at, int out, off_t *out_at, size_t n, unsigned flags) {
  if (table_has(in) || table_has(out)) {
    errno = EINVAL;
    return -1;
  }
  return REAL(splice)(in, in_at, out, out_at, n, flags);
}

EXPORT int sendmmsg(int fd, struct mmsghdr *v, unsigned n, int flags) {
  if (!table_has(fd)) {
    return REAL(sendmmsg)(fd, v, n, flags);
  }
  unsigned i = 0;
  for (; i < n && i < IOV_MAX; i++) {
    ssize_t r = sendmsg(fd, &v[i].msg_hdr, flags);
    if (r < 0) {
      break;
    }
    v[i].msg_len = (unsigned)r;
  }
  return i > 0 || n == 0 ? (int)i : -1;
}

EXPORT int recvmmsg(int fd, struct mmsghdr *v, unsigned n, int flags, struct timespec *timeout) {
  if (!table_has(fd)) {
    return REAL(recvmmsg)(fd, v, n, flags, timeout);
  }
  int64_t end = timeout ? q_end(timeout) : 0;
  unsigned i = 0;
  while (i < n && i < IOV_MAX) {
    ssize_t r = recvmsg(fd, &v[i].msg_hdr, flags & ~MSG_WAITFORONE);
    if (r < 0) {
      break;
    }
    v[i++].msg_len = (unsigned)r;
    if (flags & MSG_WAITFORONE) {
      flags |= MSG_DONTWAIT;
    }
    /* As in the kernel, looked at after each message only. */
    if (timeout && q_now() >= end) {
      break;
    }
  }
  return i > 0 || n == 0 ? (int)i : -1;
}

static ssize_t send_file(int fd, int in, off_t *off, size_t n) {
  if (table_has(in)) {
    errno = EINVAL;
    return -1;
  }
  char *b = malloc(FILE_PIECE);
  size_t done = 0;
  ssize_t r = b == NULL ? -1 : 0;
  int saved;
  pthread_cleanup_push(free, b);
  while (r >= 0 && done < n) {
    size_t want = n - done < FILE_PIECE ? n - done : FILE_PIECE;
    off_t at = off ? *off : lseek(in, 0, SEEK_CUR);
    if (off == NULL && at < 0) {
      /* What has no place is no file. */
      errno = errno == ESPIPE ? EINVAL : errno;
      r = -1;
      break;
    }
    ssize_t got = pread(in, b, want, at);
    if (got <= 0) {
      r = got;
      break;
    }
    r = write(fd, b, (size_t)got);
    if (r > 0) {
      done += (size_t)r;
      if (off) {
        *off += r;
      } else {
        lseek(in, r, SEEK_CUR);
      }
    }
    if (r < got) {
      break;
    }
  }
  saved = errno;
  pthread_cleanup_pop(1);
  errno = saved;
  return done > 0 ? (ssize_t)done : r < 0 ? -1 : 0;
}

EXPORT ssize_t sendfile(int fd, int in, off_t *off, size_t n) {
  return table_has(fd) || table_has(in) ? send_file(fd, in, off, n) : REAL(sendfile)(fd, in, off, n);
}

EXPORT ssize_t sendfile64(int fd, int in, off_t *off, size_t n) { return sendfile(fd, in, off, n); }

/* What programs compiled with _FORTIFY_SOURCE call; their own checks were made by the compiler where it could. */

void __chk_fail(void) __attribute__((noreturn));

EXPORT ssize_t __read_chk(int fd, void *b, size_t n, size_t room) {
  if (n > room) {
    __chk_fail();
  }
  return read(fd, b, n);
}

EXPORT ssize_t __recv_chk(int fd, void *b, size_t n, size_t room, int flags) {
  if (n > room) {
    __chk_fail();
  }
  return recv(fd, b, n, flags);
}

EXPORT ssize_t __recvfrom_chk(int fd, void *b, size_t n, size_t room, int flags, struct sockaddr *a, socklen_t *len) {
  if (n > room) {
    __chk_fail();
  }
  return recvfrom(fd, b, n, flags, a, len);
}

EXPORT int __poll_chk(struct pollfd *p, nfds_t n, int timeout, size_t room) {
  if (n > room / sizeof *p) {
    __chk_fail();
  }
  return poll(p, n, timeout);
}

EXPORT int __ppoll_chk(struct pollfd *p, nfds_t n, const struct timespec *t, const sigset_t *mask, size_t room) {
  if (n > room / sizeof *p) {
    __chk_fail();
  }
  return ppoll(p, n, t, mask);
}
