/*
 * Sending. A send whose outcome is open is a call on the control connection, answered as sendmsg would; it is carried
 * out behind everything the descriptor still has to give. Plain data of a stream that has proved itself goes into the
 * descriptor without an answer; should it fail, a later call says so.
 */
#include "quicsock.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Sends in a row, with no other call between, that make a bulk transfer. */
#define STREAK 4
/* Sends on one stream, whatever came between, after which it is trusted. */
#define TRUST 32
/* Sends without an answer after which one is asked for. */
#define UNSURE 2048
/* And after which one looks whether an error came. */
#define LOOK 64
/* How long a refusal takes that poll cannot foretell, ns. */
#define BREATH 100000
#define PIECES 64

/* Flags of sendmsg that leave the stream as it is. */
#define PLAIN (MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE | MSG_WAITALL | MSG_BATCH)

/* What a sendmsg asks for. */
struct order {
  int fd;
  struct qsock *s;
  const struct msghdr *m;
  size_t length;
  size_t done;
  int flags;
  int cmsg; /* CMSG_NONE, or a type of SOL_QUIC */
  int64_t stream_id;
  uint32_t stream_flags; /* or the level */
};

static int parse_one(const struct cmsghdr *c, struct order *o) {
  if (c->cmsg_type == QUIC_STREAM_INFO) {
    struct stream_info info;
    if (c->cmsg_len < CMSG_LEN(12)) {
      return -EINVAL;
    }
    memcpy(&info.stream_id, CMSG_DATA(c), sizeof info.stream_id);
    memcpy(&info.stream_flags, CMSG_DATA(c) + 8, sizeof info.stream_flags);
    o->stream_id = info.stream_id;
    o->stream_flags = info.stream_flags;
  } else if (c->cmsg_type == QUIC_HANDSHAKE_INFO) {
    if (c->cmsg_len < CMSG_LEN(1)) {
      return -EINVAL;
    }
    o->stream_id = 0;
    o->stream_flags = *CMSG_DATA(c);
  } else {
    return -EINVAL;
  }
  o->cmsg = c->cmsg_type;
  return 0;
}

static int parse(const struct msghdr *m, struct order *o) {
  if (m->msg_control == NULL || m->msg_controllen < sizeof(struct cmsghdr)) {
    return 0;
  }
  const char *end = (const char *)m->msg_control + m->msg_controllen;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR((struct msghdr *)m, c)) {
    if (c->cmsg_len < sizeof *c || c->cmsg_len > (size_t)(end - (char *)c)) {
      return -EINVAL;
    }
    int r = c->cmsg_level == SOL_QUIC ? parse_one(c, o) : 0;
    if (r < 0) {
      return r;
    }
  }
  return 0;
}

/* The header of the piece that carries the bytes from done on: only the first opens, only the last ends. */
static struct data piece(const struct order *o, size_t n) {
  uint32_t drop = (o->done > 0 ? MSG_QUIC_STREAM_NEW : 0) | (o->done + n < o->length ? MSG_QUIC_STREAM_FIN : 0);
  struct data d = {.type = DATA_SEND, .cmsg = (uint16_t)o->cmsg};
  d.flags = ((uint32_t)o->flags & ~drop & INT_MAX) | (o->done + n < o->length ? MSG_MORE : 0);
  d.stream_id = o->stream_id;
  d.stream_flags = o->cmsg == QUIC_STREAM_INFO ? o->stream_flags & ~drop : o->stream_flags;
  if (o->done > 0 && o->cmsg == QUIC_STREAM_INFO && o->stream_id < 0) {
    /* The data plane chose the stream; it is the active one now. */
    d.cmsg = CMSG_NONE;
    d.flags |= d.stream_flags & MSG_QUIC_STREAM_FIN;
    d.flags &= ~(uint32_t)MSG_QUIC_STREAM_UNI;
    d.stream_flags = 0;
  }
  return d;
}

static int build(const struct order *o, struct data *d, struct iovec *v, size_t *n) {
  size_t left = o->length - o->done;
  int pieces = iov_slice(o->m->msg_iov, o->m->msg_iovlen, o->done, left < MAX_DATA ? left : MAX_DATA, v + 1, PIECES, n);
  *d = piece(o, *n);
  v[0] = (struct iovec){d, sizeof *d};
  return pieces + 1;
}

/* With an answer. Bytes taken or a negated errno. */
static ssize_t ask(struct order *o) {
  struct data d;
  struct iovec v[PIECES + 1];
  size_t n;
  int count = build(o, &d, v, &n);
  return door_call(o->fd, o->s, OP_SEND, v, count, NULL);
}

/* Without one. Bytes handed over or a negated errno; waits as the descriptor and the flags say. */
static ssize_t pipe_in(struct order *o) {
  struct data d;
  struct iovec v[PIECES + 1];
  size_t n;
  int count = build(o, &d, v, &n);
  struct msghdr m = {.msg_iov = v, .msg_iovlen = (size_t)count};
  if (REAL(sendmsg)(o->fd, &m, MSG_NOSIGNAL | (o->flags & MSG_DONTWAIT)) < 0) {
    return errno == ECONNRESET || errno == ENOTCONN ? -EPIPE : -errno;
  }
  return (ssize_t)n;
}

static bool is_stream(const struct order *o) {
  return o->cmsg != QUIC_HANDSHAKE_INFO && !(o->flags & MSG_QUIC_DATAGRAM);
}

/* The flags that act on the stream, wherever they were given. */
static uint32_t stream_flags(const struct order *o) {
  return ((uint32_t)o->flags & ~PLAIN) | (o->cmsg == QUIC_STREAM_INFO ? o->stream_flags : 0);
}

static int64_t target(const struct order *o) {
  return o->cmsg == QUIC_STREAM_INFO && o->stream_id >= 0 ? o->stream_id : HOT_ACTIVE;
}

/* What is known of a stream; NULL for nothing. Lock held. */
static struct hot *known(struct qsock *s, int64_t stream) {
  for (int i = 0; i < HOTS; i++) {
    if (s->hot[i].trust > 0 && s->hot[i].stream == stream) {
      return &s->hot[i];
    }
  }
  return NULL;
}

static void forget(struct qsock *s, int64_t stream) {
  struct hot *h = known(s, stream);
  if (h != NULL) {
    h->trust = 0;
  }
}

/* A send on it went well. Lock held. */
static void trust(struct qsock *s, int64_t stream) {
  struct hot *h = known(s, stream);
  if (h == NULL) {
    h = &s->hot[s->next_hot++ % HOTS];
    *h = (struct hot){stream, 0};
  }
  h->trust = h->trust < TRUST ? h->trust + 1 : TRUST;
}

/* Whether nothing is left to be refused. Lock held. */
static bool sure(const struct order *o) {
  struct qsock *s = o->s;
  if (s->unsure >= UNSURE) {
    return false;
  }
  if (o->flags & MSG_QUIC_DATAGRAM) {
    bool plain = o->cmsg == CMSG_NONE && !(o->flags & ~(PLAIN | MSG_QUIC_DATAGRAM));
    return plain && s->streak >= STREAK && o->length > 0 && o->length <= s->largest_datagram;
  }
  const struct hot *h = is_stream(o) && o->length > o->done && stream_flags(o) == 0 ? known(s, target(o)) : NULL;
  return h != NULL && (s->piped || s->streak >= STREAK || h->trust >= TRUST);
}

/* Whether a refusal for want of room only means waiting. */
static bool may_pipe(const struct order *o) {
  uint32_t f = stream_flags(o) & ~(uint32_t)MSG_QUIC_STREAM_FIN;
  if (!is_stream(o) || o->stream_id < -1) {
    return false;
  }
  if (o->done > 0) {
    return !(f & (MSG_QUIC_STREAM_DONTWAIT | MSG_QUIC_STREAM_SNDBLOCK));
  }
  pthread_mutex_lock(&o->s->lock);
  bool open = f == 0 && known(o->s, target(o)) != NULL;
  pthread_mutex_unlock(&o->s->lock);
  return open;
}

/*
 * Whether a stream that is named, but not known here, is there, once a send on it was refused for want of room: then that
 * only means waiting, too. A new one may have been refused for want of streams: asked for as one that is there it is an
 * error then, and goes, or is refused again, where it was opened. Sets what the answer was.
 */
static bool opened(const struct order *o, ssize_t *answer) {
  const uint32_t usual = MSG_QUIC_STREAM_NEW | MSG_QUIC_STREAM_UNI | MSG_QUIC_STREAM_FIN;
  uint32_t f = stream_flags(o);
  if (!is_stream(o) || o->cmsg != QUIC_STREAM_INFO || o->stream_id < 0 || (f & ~usual)) {
    return false;
  }
  if (f & MSG_QUIC_STREAM_NEW) {
    struct order there = *o;
    there.flags &= ~MSG_QUIC_STREAM_NEW;
    there.stream_flags &= ~(uint32_t)MSG_QUIC_STREAM_NEW;
    ssize_t r = ask(&there);
    if (r == -EINVAL) {
      return false;
    }
    *answer = r;
  }
  return true;
}

/* Remembers how it went. */
static void learn(struct order *o, ssize_t r, bool answered) {
  struct qsock *s = o->s;
  pthread_mutex_lock(&s->lock);
  if (r < 0) {
    if (r != -EAGAIN && r != -ENOSPC && is_stream(o)) {
      forget(s, target(o));
    }
    s->streak = 0;
  } else if (o->flags & MSG_QUIC_DATAGRAM) {
    s->largest_datagram = answered && (uint32_t)r > s->largest_datagram ? (uint32_t)r : s->largest_datagram;
    s->streak++;
  } else if (is_stream(o)) {
    int64_t t = target(o);
    bool ended = (stream_flags(o) & MSG_QUIC_STREAM_FIN) && o->done + (size_t)r == o->length;
    if (ended) {
      forget(s, t);
      /* It may have been the active one. */
      forget(s, HOT_ACTIVE);
    } else {
      trust(s, t);
    }
    s->streak++;
    s->piped = !answered;
  }
  s->unsure = answered ? 0 : s->unsure + 1;
  if (!answered) {
    atomic_store(&s->owing, true);
  }
  pthread_mutex_unlock(&s->lock);
}

/* An error of an earlier send, once; looks for one now and then. */
static int earlier_error(struct order *o) {
  struct qsock *s = o->s;
  pthread_mutex_lock(&s->lock);
  bool look = s->unsure % LOOK == LOOK - 1;
  int e = s->late;
  s->late = 0;
  pthread_mutex_unlock(&s->lock);
  if (e == 0 && look) {
    q_poll_bits(o->fd, s, 0, POLLIN);
    pthread_mutex_lock(&s->lock);
    e = s->late;
    s->late = 0;
    pthread_mutex_unlock(&s->lock);
  }
  return -e;
}

/* One piece. */
static ssize_t one(struct order *o) {
  pthread_mutex_lock(&o->s->lock);
  bool pipe = sure(o);
  bool piped = o->s->piped;
  pthread_mutex_unlock(&o->s->lock);
  if (pipe) {
    ssize_t r = pipe_in(o);
    if (r != -EAGAIN || o->cmsg != QUIC_STREAM_INFO || !q_nonblocking(o->fd, o->flags)) {
      learn(o, r, false);
      return r;
    }
    /* Whether it is the window that is full, only an answer tells. */
  }
  int64_t spent = 0;
  while (true) {
    ssize_t r = ask(o);
    if (r != -EAGAIN && r != -ENOSPC) {
      learn(o, r, true);
      return r;
    }
    if (door_interrupted() && !q_nonblocking(o->fd, o->flags)) {
      learn(o, -EAGAIN, true);
      return -EINTR;
    }
    bool waits = may_pipe(o) || opened(o, &r);
    if (r != -EAGAIN && r != -ENOSPC) {
      learn(o, r, true);
      return r;
    }
    if (waits) {
      /* The stream is open: all there is to do is wait, and the descriptor does that. */
      ssize_t p = pipe_in(o);
      learn(o, p, false);
      /* Full, too: why there is no room is in the answer. */
      return p == -EAGAIN ? r : p;
    }
    uint32_t f = is_stream(o) ? stream_flags(o) : 0;
    if ((f & MSG_QUIC_STREAM_DONTWAIT) || q_nonblocking(o->fd, o->flags)) {
      learn(o, r, true);
      if (piped) {
        /* The descriptor may well say that it takes more: a program that asks again at once shall not take all time. */
        nanosleep(&(struct timespec){0, BREATH}, NULL);
      }
      return r;
    }
    int p = q_pause(o->fd, SO_SNDTIMEO, &spent);
    if (p < 0) {
      return p == -EAGAIN ? r : p;
    }
  }
}

/* A datagram in more pieces than a packet names; half of it would be another datagram. */
static ssize_t send_joined(const struct order *o) {
  char *b = malloc(o->length + 1);
  if (b == NULL) {
    return -ENOMEM;
  }
  struct iovec all = {b, iov_gather(o->m->msg_iov, o->m->msg_iovlen, b, o->length)};
  struct msghdr m = *o->m;
  m.msg_iov = &all;
  m.msg_iovlen = 1;
  ssize_t r;
  pthread_cleanup_push(free, b);
  r = q_sendmsg(o->fd, o->s, &m, o->flags);
  pthread_cleanup_pop(1);
  return r;
}

ssize_t q_sendmsg(int fd, struct qsock *s, const struct msghdr *m, int flags) {
  struct order o = {.fd = fd, .s = s, .m = m, .flags = flags, .cmsg = CMSG_NONE};
  o.length = iov_total(m->msg_iov, m->msg_iovlen);
  if (o.length > INT_MAX) {
    o.length = INT_MAX;
  }
  pthread_testcancel();
  ssize_t r = parse(m, &o);
  if (r == 0 && (flags & MSG_QUIC_DATAGRAM) && o.cmsg != QUIC_HANDSHAKE_INFO) {
    if (o.length > MAX_DATA) {
      r = -EMSGSIZE;
    } else if (m->msg_iovlen > PIECES) {
      return send_joined(&o);
    }
  }
  if (r == 0) {
    r = earlier_error(&o);
  }
  if (r < 0) {
    return r;
  }
  do {
    size_t before = o.done;
    r = one(&o);
    if (r < 0) {
      return o.done > 0 ? (ssize_t)o.done : r;
    }
    o.done += (size_t)r;
    if (o.done == before || (o.flags & MSG_QUIC_DATAGRAM)) {
      break;
    }
  } while (o.done < o.length);
  return (ssize_t)o.done;
}
