/*
 * epoll. The descriptors are in the program's sets themselves and wake it; what they say of a socket is put right on
 * the way out, for which the sets' entries of sockets of ours are kept: an event names its entry by the program's data
 * only. A state of which the descriptor knows nothing is registered as one that it knows.
 */
#include "quicsock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#define READ (EPOLLIN | EPOLLRDNORM)
#define WRITE (EPOLLOUT | EPOLLWRNORM)
#define ASKED_OR_NOT (EPOLLERR | EPOLLHUP)
#define BUCKETS 4096

/* A socket in a set. */
struct watch {
  struct qsock *s;
  int set;
  int fd;
  struct epoll_event asked;
  bool spent; /* EPOLLONESHOT, and it had its shot */
  struct watch *next;         /* of the bucket */
  struct watch *next_of_same; /* of the socket */
};

static pthread_mutex_t watch_lock = PTHREAD_MUTEX_INITIALIZER;
static struct watch *buckets[BUCKETS];
static atomic_int watches;

static struct watch **bucket(int set, uint64_t data) {
  uint64_t h = (data ^ ((uint64_t)set << 40)) * 0x9e3779b97f4a7c15ULL;
  return &buckets[h >> 52];
}

static struct watch *named(int set, uint64_t data) {
  struct watch *w = *bucket(set, data);
  while (w != NULL && (w->set != set || w->asked.data.u64 != data)) {
    w = w->next;
  }
  return w;
}

static struct watch *entry(struct qsock *s, int set, int fd) {
  struct watch *w = s->watches;
  while (w != NULL && (w->set != set || w->fd != fd)) {
    w = w->next_of_same;
  }
  return w;
}

static void hang(struct watch *w) {
  struct watch **b = bucket(w->set, w->asked.data.u64);
  w->next = *b;
  *b = w;
}

static void unhang(struct watch *w) {
  struct watch **p = bucket(w->set, w->asked.data.u64);
  while (*p != w) {
    p = &(*p)->next;
  }
  *p = w->next;
}

static void end_watch(struct watch *w) {
  struct watch **p = &w->s->watches;
  while (*p != w) {
    p = &(*p)->next_of_same;
  }
  *p = w->next_of_same;
  unhang(w);
  free(w);
  atomic_fetch_sub(&watches, 1);
}

/* What the descriptor is asked for, so that it speaks when the socket has something to say. */
static struct epoll_event really(struct qsock *s, const struct epoll_event *asked) {
  struct epoll_event e = *asked;
  if (q_state_bits(s, (short)asked->events) != 0) {
    e.events |= EPOLLOUT;
  } else if (atomic_load(&s->state) == STATE_LISTENING) {
    /* A listener is never writable. */
    e.events &= ~(uint32_t)WRITE;
  }
  return e;
}

/* The entry that a successful call made or changed. False: no memory. */
static bool remember(struct qsock *s, int set, int fd, const struct epoll_event *asked) {
  struct watch *w = entry(s, set, fd);
  if (w != NULL) {
    unhang(w);
  } else {
    w = malloc(sizeof *w);
    if (w == NULL) {
      return false;
    }
    *w = (struct watch){.s = s, .set = set, .fd = fd, .next_of_same = s->watches};
    s->watches = w;
    atomic_fetch_add(&watches, 1);
  }
  w->asked = *asked;
  w->spent = false;
  hang(w);
  return true;
}

static int control(int set, int op, int fd, struct qsock *s, struct epoll_event *event) {
  struct epoll_event e = {0};
  if (op != EPOLL_CTL_DEL) {
    e = really(s, event);
  }
  int r = REAL(epoll_ctl)(set, op, fd, &e);
  if (r < 0) {
    return -errno;
  }
  if (op == EPOLL_CTL_DEL) {
    struct watch *w = entry(s, set, fd);
    if (w != NULL) {
      end_watch(w);
    }
  } else if (!remember(s, set, fd, event)) {
    REAL(epoll_ctl)(set, EPOLL_CTL_DEL, fd, &e);
    return -ENOMEM;
  }
  return 0;
}

EXPORT int epoll_ctl(int set, int op, int fd, struct epoll_event *event) {
  struct qsock *s = table_has(fd) && table_is_ours() ? table_get(fd) : NULL;
  if (s == NULL || s->kind != KIND_QUIC || (event == NULL && op != EPOLL_CTL_DEL)) {
    if (s != NULL) {
      table_put(s);
    }
    return REAL(epoll_ctl)(set, op, fd, event);
  }
  pthread_mutex_lock(&watch_lock);
  int r = control(set, op, fd, s, event);
  pthread_mutex_unlock(&watch_lock);
  table_put(s);
  if (r < 0) {
    errno = -r;
    return -1;
  }
  return 0;
}

/* Asks the descriptor anew. */
static void renew(struct watch *w) {
  struct epoll_event e = really(w->s, &w->asked);
  if (e.events & EPOLLEXCLUSIVE) {
    /* These cannot be changed. */
    REAL(epoll_ctl)(w->set, EPOLL_CTL_DEL, w->fd, &e);
    REAL(epoll_ctl)(w->set, EPOLL_CTL_ADD, w->fd, &e);
  } else {
    REAL(epoll_ctl)(w->set, EPOLL_CTL_MOD, w->fd, &e);
  }
}

void watch_changed(struct qsock *s) {
  if (atomic_load(&watches) == 0 || !table_is_ours()) {
    return;
  }
  int saved = errno;
  pthread_mutex_lock(&watch_lock);
  for (struct watch *w = s->watches; w != NULL; w = w->next_of_same) {
    if (!w->spent) {
      renew(w);
    }
  }
  pthread_mutex_unlock(&watch_lock);
  errno = saved;
}

void watch_forget(struct qsock *s) {
  if (atomic_load(&watches) == 0) {
    return;
  }
  pthread_mutex_lock(&watch_lock);
  while (s->watches != NULL) {
    end_watch(s->watches);
  }
  pthread_mutex_unlock(&watch_lock);
}

/* A number that is a new set's: what was known of an old one is over. */
static int new_set(int set) {
  if (set >= 0 && atomic_load(&watches) > 0 && table_is_ours()) {
    pthread_mutex_lock(&watch_lock);
    for (int i = 0; i < BUCKETS; i++) {
      for (struct watch *w = buckets[i], *next; w != NULL; w = next) {
        next = w->next;
        if (w->set == set) {
          end_watch(w);
        }
      }
    }
    pthread_mutex_unlock(&watch_lock);
  }
  return set;
}

EXPORT int epoll_create(int size) { return new_set(REAL(epoll_create)(size)); }

EXPORT int epoll_create1(int flags) { return new_set(REAL(epoll_create1)(flags)); }

/* What an event shall say; 0: nothing. Lock held. */
static uint32_t truth(struct watch *w, uint32_t said) {
  struct qsock *s = w->s;
  short asked = (short)(w->asked.events & (READ | WRITE | EPOLLRDHUP | EPOLLPRI));
  uint32_t bits = said;
  if (atomic_load(&s->state) == STATE_FRESH) {
    bits = 0;
  } else if (said & EPOLLHUP) {
    bits |= EPOLLERR | READ | WRITE | EPOLLRDHUP;
  } else if (atomic_load(&s->owing) && (said & READ)) {
    /* The outcome of an earlier send may be all there is. */
    struct qsock *now = table_get(w->fd);
    if (now == s) {
      bits = (uint16_t)q_poll_bits(w->fd, s, asked, (short)said);
    }
    if (now != NULL) {
      table_put(now);
    }
  }
  bits |= (uint16_t)q_state_bits(s, asked);
  return bits & ((uint16_t)asked | ASKED_OR_NOT);
}

/* Puts right what the set said. The number of events that are left. */
static int put_right(int set, struct epoll_event *v, int n) {
  int kept = 0;
  int saved = errno;
  pthread_mutex_lock(&watch_lock);
  for (int i = 0; i < n; i++) {
    struct watch *w = named(set, v[i].data.u64);
    if (w != NULL) {
      v[i].events = truth(w, v[i].events);
      w->spent = (w->asked.events & EPOLLONESHOT) && v[i].events != 0;
      if (v[i].events == 0) {
        if (w->asked.events & EPOLLONESHOT) {
          renew(w);
        }
        continue;
      }
    }
    v[kept++] = v[i];
  }
  pthread_mutex_unlock(&watch_lock);
  errno = saved;
  return kept;
}

/* ns: how long, negative for ever. fine: by the call that can tell milliseconds apart. */
static int wait_in(int set, struct epoll_event *v, int max, int64_t ns, const sigset_t *mask, bool fine) {
  int64_t end = ns > 0 ? q_now() + ns : 0;
  while (true) {
    int r;
    if (fine) {
      struct timespec t = {ns / 1000000000, ns % 1000000000};
      r = REAL(epoll_pwait2)(set, v, max, ns < 0 ? NULL : &t, mask);
    } else {
      r = REAL(epoll_pwait)(set, v, max, ns < 0 ? -1 : (int)((ns + 999999) / 1000000), mask);
    }
    if (r <= 0) {
      return r;
    }
    r = put_right(set, v, r);
    if (r > 0 || ns == 0) {
      return r;
    }
    if (ns > 0) {
      ns = end - q_now();
      ns = ns > 0 ? ns : 0;
    }
  }
}

static bool any_watched(void) { return atomic_load_explicit(&watches, memory_order_relaxed) > 0; }

EXPORT int epoll_pwait(int set, struct epoll_event *v, int max, int timeout, const sigset_t *mask) {
  if (!any_watched()) {
    return REAL(epoll_pwait)(set, v, max, timeout, mask);
  }
  return wait_in(set, v, max, timeout < 0 ? -1 : timeout * 1000000LL, mask, false);
}

EXPORT int epoll_wait(int set, struct epoll_event *v, int max, int timeout) {
  if (!any_watched()) {
    return REAL(epoll_wait)(set, v, max, timeout);
  }
  return wait_in(set, v, max, timeout < 0 ? -1 : timeout * 1000000LL, NULL, false);
}

EXPORT int epoll_pwait2(int set, struct epoll_event *v, int max, const struct timespec *timeout,
                        const sigset_t *mask) {
  if (REAL(epoll_pwait2) == NULL) {
    errno = ENOSYS;
    return -1;
  }
  bool valid = timeout == NULL || (timeout->tv_sec >= 0 && timeout->tv_sec < INT32_MAX && timeout->tv_nsec >= 0 &&
                                   timeout->tv_nsec < 1000000000);
  if (!any_watched() || !valid) {
    return REAL(epoll_pwait2)(set, v, max, timeout, mask);
  }
  return wait_in(set, v, max, timeout ? timeout->tv_sec * 1000000000LL + timeout->tv_nsec : -1, mask, true);
}

void watch_fork_prepare(void) { pthread_mutex_lock(&watch_lock); }

void watch_fork_done(void) { pthread_mutex_unlock(&watch_lock); }
