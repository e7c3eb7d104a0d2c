/*
 * Receiving. Packets stay in the descriptor until their last byte is read, so that poll and epoll keep telling the
 * truth and nothing is lost whoever reads next: they are looked at with MSG_PEEK, SO_PEEK_OFF keeps the place inside
 * the first one, and one that is done with is thrown away.
 */
#include "quicsock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#define PIECES 64

/* A receiver's buffers and what is in them. */
struct sink {
  const struct iovec *iov;
  size_t iovs;
  size_t room;
  size_t filled;
};

static void place(int fd, int off) { REAL(setsockopt)(fd, SOL_SOCKET, SO_PEEK_OFF, &off, sizeof off); }

static void drop(int fd) { REAL(recv)(fd, NULL, 0, MSG_DONTWAIT); }

/* Looks at what comes next; from the header on, or from within the payload. */
static ssize_t look(int fd, struct data *head, const struct sink *to) {
  struct iovec v[PIECES + 1];
  size_t got;
  int n = 0;
  if (head != NULL) {
    v[n++] = (struct iovec){head, sizeof *head};
  }
  n += iov_slice(to->iov, to->iovs, to->filled, to->room - to->filled, v + n, PIECES, &got);
  struct msghdr m = {.msg_iov = v, .msg_iovlen = (size_t)n};
  ssize_t r;
  do {
    r = REAL(recvmsg)(fd, &m, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
  } while (r < 0 && errno == EINTR);
  return r < 0 ? -errno : r;
}

/* Starts to look with a place; a process before us may have left one inside a packet. Lock held. */
static void start_peeking(int fd, struct qsock *s) {
  int off = -1;
  socklen_t len = sizeof off;
  s->peeking = true;
  if (REAL(getsockopt)(fd, SOL_SOCKET, SO_PEEK_OFF, &off, &len) < 0 || off <= (int)sizeof(struct data)) {
    place(fd, 0);
    return;
  }
  place(fd, 0);
  if (REAL(recv)(fd, &s->head, sizeof s->head, MSG_PEEK | MSG_DONTWAIT) == sizeof s->head) {
    s->mid = true;
    s->pos = (uint32_t)off - sizeof s->head;
  }
  place(fd, off);
}

/* With the lock no call shall end the thread: nobody could have the lock again. */
static int hold(struct qsock *s) {
  int state;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
  pthread_mutex_lock(&s->lock);
  return state;
}

static void let_go(struct qsock *s, int state) {
  pthread_mutex_unlock(&s->lock);
  pthread_setcancelstate(state, NULL);
}

static bool is_stream(const struct data *h) {
  return h->type == DATA_RECV && h->cmsg == QUIC_STREAM_INFO &&
         !(h->flags & (MSG_QUIC_DATAGRAM | MSG_QUIC_NOTIFICATION));
}

static void note_result(struct qsock *s, const struct data *h) {
  if (h->stream_id < 0 && s->late == 0) {
    s->late = (int)-h->stream_id;
  }
  memset(s->hot, 0, sizeof s->hot);
}

/* Takes in the payload of which n bytes are there. True when it was all of them. Lock held. */
static bool take(int fd, struct qsock *s, struct sink *to, size_t n, bool peek) {
  size_t left = to->room - to->filled;
  size_t copied = n < left ? n : left;
  to->filled += copied;
  bool whole = copied == n;
  if (peek) {
    place(fd, s->mid ? (int)(sizeof s->head + s->pos) : 0);
  } else if (whole) {
    drop(fd);
    s->mid = false;
    s->pos = 0;
  } else {
    s->pos = (s->mid ? s->pos : 0) + (uint32_t)copied;
    s->mid = true;
  }
  return whole;
}

/*
 * The first message there is. 1: the header is in h and the payload taken in, whole or not; else a negated errno.
 * Lock held.
 */
static int first(int fd, struct qsock *s, struct sink *to, struct data *h, bool peek, bool *whole) {
  if (!s->peeking) {
    start_peeking(fd, s);
  }
  while (true) {
    if (s->mid) {
      ssize_t n = look(fd, NULL, to);
      if (n < 0) {
        return (int)n;
      }
      *h = s->head;
      *whole = take(fd, s, to, (size_t)n, peek);
      return 1;
    }
    if (s->closed) {
      return -ENOTCONN;
    }
    ssize_t n = look(fd, h, to);
    if (n < 0 && n != -ECONNRESET && n != -ENOTCONN) {
      return (int)n;
    }
    if (n < (ssize_t)sizeof *h) {
      /* The data plane is gone. */
      s->closed = true;
      return -ENOTCONN;
    }
    if (h->type == DATA_RECV) {
      s->head = *h;
      *whole = take(fd, s, to, (size_t)n - sizeof *h, peek);
      return 1;
    }
    if (h->type == DATA_RESULT) {
      note_result(s, h);
      drop(fd);
    } else {
      /* CLOSED stays, so that poll keeps saying so. */
      place(fd, 0);
      s->closed = h->type == DATA_CLOSED;
      return -ENOTCONN;
    }
  }
}

/* More of the same stream, as far as it is there. Lock held. */
static void more(int fd, struct qsock *s, struct sink *to, struct data *h, bool *whole) {
  while (*whole && !(h->stream_flags & MSG_QUIC_STREAM_FIN) && to->filled < to->room) {
    struct data next;
    ssize_t n = look(fd, &next, to);
    if (n < 0) {
      return;
    }
    if (n < (ssize_t)sizeof next || !is_stream(&next) || next.stream_id != h->stream_id) {
      place(fd, 0);
      return;
    }
    s->head = next;
    *whole = take(fd, s, to, (size_t)n - sizeof next, false);
    h->stream_flags = next.stream_flags;
  }
}

/* Tells of the message in the caller's header, as put_cmsg does. */
static void tell(struct msghdr *m, const struct data *h, bool whole) {
  uint32_t flags = h->flags;
  uint32_t stream_flags = h->stream_flags;
  if (!whole) {
    flags &= ~(uint32_t)MSG_EOR;
    stream_flags &= ~(uint32_t)MSG_QUIC_STREAM_FIN;
  }
  struct {
    int64_t id;
    uint32_t flags;
    uint32_t pad;
  } info = {h->stream_id, stream_flags, 0};
  uint8_t level = (uint8_t)h->stream_flags;
  bool stream = h->cmsg == QUIC_STREAM_INFO;
  size_t size = stream ? sizeof info : sizeof level;
  size_t room = m->msg_controllen;
  m->msg_controllen = 0;
  m->msg_namelen = 0;
  if (h->cmsg != CMSG_NONE) {
    struct cmsghdr *c = m->msg_control;
    size_t length = CMSG_LEN(size);
    if (c == NULL || room < length) {
      flags |= MSG_CTRUNC | (stream ? stream_flags & MSG_QUIC_STREAM_FIN : 0);
      length = room;
    }
    if (c != NULL && length >= sizeof *c) {
      c->cmsg_level = SOL_QUIC;
      c->cmsg_type = h->cmsg;
      c->cmsg_len = length;
      memcpy(CMSG_DATA(c), stream ? (void *)&info : (void *)&level, length - sizeof *c);
      m->msg_controllen = room < CMSG_SPACE(size) ? room : CMSG_SPACE(size);
    }
  }
  m->msg_flags = (int)flags;
}

static ssize_t try_recv(int fd, struct qsock *s, struct msghdr *m, int flags) {
  struct sink to = {m->msg_iov, m->msg_iovlen, 0, 0};
  struct iovec v[PIECES];
  struct data h = {0};
  bool whole = false;
  /* What one look can name. */
  iov_slice(to.iov, to.iovs, 0, SSIZE_MAX, v, PIECES, &to.room);
  int cancel = hold(s);
  s->streak = 0;
  int r = first(fd, s, &to, &h, (flags & MSG_PEEK) != 0, &whole);
  if (r > 0) {
    if (is_stream(&h) && !(flags & MSG_PEEK)) {
      more(fd, s, &to, &h, &whole);
    }
  }
  let_go(s, cancel);
  if (r < 0) {
    return r;
  }
  tell(m, &h, whole);
  return (ssize_t)to.filled;
}

ssize_t q_recvmsg(int fd, struct qsock *s, struct msghdr *m, int flags) {
  pthread_testcancel();
  while (true) {
    int state = atomic_load(&s->state);
    if (state == STATE_FRESH || state == STATE_LISTENING) {
      return -ENOTCONN;
    }
    ssize_t r = try_recv(fd, s, m, flags);
    if (r != -EAGAIN || (flags & MSG_DONTWAIT)) {
      return r;
    }
    /* Waits as the program told the descriptor to: O_NONBLOCK, SO_RCVTIMEO, signals. */
    if (REAL(recv)(fd, NULL, 0, MSG_PEEK) < 0) {
      return -errno;
    }
  }
}

/* Takes a waiting connection. */
static int try_accept(int fd, struct qsock *s, struct sockaddr *a, socklen_t *len, int flags) {
  while (true) {
    struct data h;
    struct sockaddr_in6 peer;
    char control[CMSG_SPACE(sizeof(int))];
    struct iovec v[2] = {{&h, sizeof h}, {&peer, sizeof peer}};
    struct msghdr m = {.msg_iov = v, .msg_iovlen = 2, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t n;
    do {
      n = REAL(recvmsg)(fd, &m, MSG_DONTWAIT | (flags & SOCK_CLOEXEC ? MSG_CMSG_CLOEXEC : 0));
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
      return -errno;
    }
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (n < (ssize_t)sizeof h || h.type == DATA_CLOSED) {
      return -EINVAL;
    }
    if (h.type != DATA_ACCEPT) {
      continue;
    }
    if (c == NULL || c->cmsg_type != SCM_RIGHTS) {
      return -EMFILE;
    }
    int came;
    memcpy(&came, CMSG_DATA(c), sizeof came);
    q_copy_name(s, &peer, (size_t)n - sizeof h, a, len);
    return came;
  }
}

/* An accepted socket has its listener's timeouts. */
static void inherit(int from, int to, int option) {
  struct timeval t;
  socklen_t len = sizeof t;
  if (REAL(getsockopt)(from, SOL_SOCKET, option, &t, &len) == 0 && (t.tv_sec != 0 || t.tv_usec != 0)) {
    REAL(setsockopt)(to, SOL_SOCKET, option, &t, len);
  }
}

int q_accept(int fd, struct qsock *s, struct sockaddr *a, socklen_t *len, int flags) {
  if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) {
    return -EINVAL;
  }
  int state = atomic_load(&s->state);
  if (state == STATE_FRESH || state == STATE_ALIVE) {
    return -EINVAL;
  }
  if (a != NULL && (len == NULL || (int)*len < 0)) {
    /* Found out when it is too late to give the connection back. */
    return len == NULL ? -EFAULT : -EINVAL;
  }
  /* Without room for its descriptor the connection would be lost; in the kernel it waits. */
  int came = REAL(fcntl)(fd, F_DUPFD_CLOEXEC, 0);
  if (came < 0) {
    return -errno;
  }
  REAL(close)(came);
  while ((came = try_accept(fd, s, a, len, flags)) == -EAGAIN) {
    if (REAL(recv)(fd, NULL, 0, MSG_PEEK) < 0) {
      return -errno;
    }
  }
  if (came < 0) {
    return came;
  }
  struct qsock *n = table_new(came, KIND_QUIC);
  if (n == NULL) {
    REAL(close)(came);
    return -ENFILE;
  }
  n->domain = s->domain;
  n->type = s->type;
  atomic_store(&n->state, STATE_ALIVE);
  table_put(n);
  REAL(fcntl)(came, F_SETFL, O_RDWR | (flags & SOCK_NONBLOCK ? O_NONBLOCK : 0));
  inherit(fd, came, SO_RCVTIMEO);
  inherit(fd, came, SO_SNDTIMEO);
  return came;
}

/* Bytes of messages that wait in the descriptor, as far as they were not read. */
int64_t q_waiting(int fd, struct qsock *s) {
  int64_t sum = 0;
  int at = 0;
  int cancel = hold(s);
  if (!s->peeking) {
    start_peeking(fd, s);
  }
  while (true) {
    struct data h;
    struct iovec v = {&h, sizeof h};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
    place(fd, at);
    ssize_t n = REAL(recvmsg)(fd, &m, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
    if (n < (ssize_t)sizeof h) {
      break;
    }
    sum += h.type == DATA_RECV ? n - (ssize_t)sizeof h : 0;
    at += (int)n;
  }
  sum -= s->mid ? s->pos : 0;
  place(fd, s->mid ? (int)(sizeof s->head + s->pos) : 0);
  let_go(s, cancel);
  return sum;
}

/* What poll says of a descriptor, and what it shall say of the socket. */
short q_poll_bits(int fd, struct qsock *s, short events, short revents) {
  if (s->kind == KIND_QUIC && (revents & POLLHUP)) {
    /* The connection is over, or the data plane is; what is still to be read changes nothing. */
    return (short)(revents | POLLERR | (events & (POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLRDHUP)));
  }
  if (s->kind != KIND_QUIC || !(revents & POLLIN)) {
    return revents;
  }
  int cancel = hold(s);
  while (!s->mid && (revents & POLLIN)) {
    struct data h;
    if (!s->peeking) {
      start_peeking(fd, s);
      continue;
    }
    ssize_t n = REAL(recv)(fd, &h, sizeof h, MSG_PEEK | MSG_DONTWAIT);
    if (n == sizeof h) {
      place(fd, 0);
    }
    if (n == sizeof h && h.type == DATA_RESULT) {
      note_result(s, &h);
      drop(fd);
    } else if (n < 0) {
      revents = (short)(revents & ~(POLLIN | POLLRDNORM));
      if (s->unsure == 0) {
        atomic_store(&s->owing, false);
      }
    } else {
      if (n < (ssize_t)sizeof h || h.type == DATA_CLOSED) {
        revents = (short)(revents | POLLHUP | POLLERR | (events & (POLLRDHUP | POLLOUT)));
      }
      break;
    }
  }
  let_go(s, cancel);
  return revents;
}
