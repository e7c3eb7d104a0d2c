/* Waiting: poll and select. The descriptors nearly tell the truth by themselves; here is the rest. */
#include "quicsock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define READ (POLLIN | POLLRDNORM)
#define WRITE (POLLOUT | POLLWRNORM)

int64_t q_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* As the kernel judges it. */
static bool is_time(const struct timespec *t) {
  return t == NULL || (t->tv_sec >= 0 && t->tv_nsec >= 0 && t->tv_nsec < 1000000000);
}

/* When so long a time is over; programs say "for ever" with the largest number they have, too. */
int64_t q_end(const struct timespec *t) {
  int64_t now = q_now();
  return t->tv_sec < (INT64_MAX - now) / 1000000000 ? now + t->tv_sec * 1000000000LL + t->tv_nsec : INT64_MAX;
}

/* The state of a QUIC socket of ours, -1 for any other descriptor. */
static int state_of(int fd) {
  struct qsock *s = table_get(fd);
  if (s == NULL) {
    return -1;
  }
  int state = s->kind == KIND_QUIC ? atomic_load(&s->state) : -1;
  table_put(s);
  return state;
}

static bool any_ours(const struct pollfd *p, nfds_t n) {
  for (nfds_t i = 0; i < n; i++) {
    if (table_has(p[i].fd)) {
      return true;
    }
  }
  return false;
}

short q_state_bits(struct qsock *s, short events) {
  if (atomic_load(&s->state) == STATE_FRESH) {
    return (short)(POLLERR | POLLHUP | (events & (READ | WRITE | POLLRDHUP)));
  }
  return (short)(atomic_load(&s->shut_rd) ? events & (READ | POLLRDHUP) : 0);
}

/* Whether there is something to say of one at once, about which its descriptor is silent. */
static bool any_instant(const struct pollfd *p, nfds_t n) {
  for (nfds_t i = 0; i < n; i++) {
    struct qsock *s = table_get(p[i].fd);
    short bits = s != NULL && s->kind == KIND_QUIC ? q_state_bits(s, p[i].events) : 0;
    if (s != NULL) {
      table_put(s);
    }
    if (bits != 0) {
      return true;
    }
  }
  return false;
}

/* A listener is never writable. Its descriptor is, and must not end the wait by it. */
static bool is_deaf(const struct pollfd *p) { return (p->events & WRITE) && state_of(p->fd) == STATE_LISTENING; }

static int wait_real(struct pollfd *p, nfds_t n, const struct timespec *timeout, const sigset_t *mask) {
  struct pollfd *copy = NULL;
  for (nfds_t i = 0; i < n; i++) {
    if (is_deaf(&p[i])) {
      if (copy == NULL) {
        copy = malloc(n * sizeof *p);
        if (copy == NULL) {
          errno = ENOMEM;
          return -1;
        }
        memcpy(copy, p, n * sizeof *p);
      }
      copy[i].events &= (short)~WRITE;
    }
  }
  int r;
  int saved;
  pthread_cleanup_push(free, copy);
  r = REAL(ppoll)(copy ? copy : p, n, timeout, mask);
  saved = errno;
  for (nfds_t i = 0; copy != NULL && r >= 0 && i < n; i++) {
    p[i].revents = copy[i].revents;
  }
  pthread_cleanup_pop(1);
  errno = saved;
  return r;
}

/* Puts right what the descriptors said. The number that has something to say. */
static int correct(struct pollfd *p, nfds_t n) {
  int ready = 0;
  for (nfds_t i = 0; i < n; i++) {
    struct qsock *s = table_get(p[i].fd);
    if (s != NULL && s->kind == KIND_QUIC && atomic_load(&s->state) == STATE_FRESH) {
      p[i].revents = q_state_bits(s, p[i].events);
      table_put(s);
    } else if (s != NULL) {
      p[i].revents = q_poll_bits(p[i].fd, s, p[i].events, p[i].revents);
      p[i].revents |= s->kind == KIND_QUIC ? q_state_bits(s, p[i].events) : 0;
      p[i].revents &= (short)(p[i].events | POLLERR | POLLHUP | POLLNVAL);
      table_put(s);
    }
    ready += p[i].revents != 0;
  }
  return ready;
}

EXPORT int ppoll(struct pollfd *p, nfds_t n, const struct timespec *timeout, const sigset_t *mask) {
  if (!any_ours(p, n) || !is_time(timeout)) {
    return REAL(ppoll)(p, n, timeout, mask);
  }
  int64_t end = timeout ? q_end(timeout) : 0;
  while (true) {
    struct timespec left = {0};
    if (timeout) {
      int64_t ns = end - q_now();
      ns = ns > 0 ? ns : 0;
      left = (struct timespec){ns / 1000000000, ns % 1000000000};
    }
    bool instant = any_instant(p, n);
    left = instant ? (struct timespec){0} : left;
    int r = wait_real(p, n, timeout || instant ? &left : NULL, mask);
    if (r < 0 || (r == 0 && !instant)) {
      return r;
    }
    int saved = errno;
    r = correct(p, n);
    errno = saved;
    if (r > 0 || (timeout && left.tv_sec == 0 && left.tv_nsec == 0)) {
      return r;
    }
  }
}

EXPORT int poll(struct pollfd *p, nfds_t n, int timeout) {
  if (!any_ours(p, n)) {
    return REAL(poll)(p, n, timeout);
  }
  struct timespec t = {timeout / 1000, timeout % 1000 * 1000000L};
  return ppoll(p, n, timeout < 0 ? NULL : &t, NULL);
}

/* select is poll in other words. Programs may have sets larger than the type. */

#define WORD (8 * (int)sizeof(unsigned long))

static bool in_set(const fd_set *set, int fd) {
  return set != NULL && (((const unsigned long *)(const void *)set)[fd / WORD] >> (fd % WORD) & 1);
}

static void put_set(fd_set *set, int fd, bool on) {
  if (set != NULL) {
    unsigned long *word = &((unsigned long *)(void *)set)[fd / WORD];
    unsigned long bit = 1UL << (fd % WORD);
    *word = on ? *word | bit : *word & ~bit;
  }
}

static bool any_selected(int n, const fd_set *r, const fd_set *w, const fd_set *e) {
  for (int fd = 0; fd < n; fd++) {
    if (table_has(fd) && (in_set(r, fd) || in_set(w, fd) || in_set(e, fd))) {
      return true;
    }
  }
  return false;
}

static nfds_t to_poll(struct pollfd *p, int n, const fd_set *r, const fd_set *w, const fd_set *e) {
  nfds_t count = 0;
  for (int fd = 0; fd < n; fd++) {
    int events = (in_set(r, fd) ? POLLIN : 0) | (in_set(w, fd) ? POLLOUT : 0) | (in_set(e, fd) ? POLLPRI : 0);
    if (events != 0) {
      p[count++] = (struct pollfd){.fd = fd, .events = (short)events};
    }
  }
  return count;
}

/* As the kernel sorts what poll says, into the sets there are. The number of bits set, or -EBADF. */
static int from_poll(const struct pollfd *p, nfds_t n, fd_set *r, fd_set *w, fd_set *e) {
  int bits = 0;
  for (nfds_t i = 0; i < n; i++) {
    if (p[i].revents & POLLNVAL) {
      return -EBADF;
    }
  }
  for (nfds_t i = 0; i < n; i++) {
    short asked = p[i].events;
    bool readable = (asked & POLLIN) && (p[i].revents & (READ | POLLHUP | POLLERR));
    bool writable = (asked & POLLOUT) && (p[i].revents & (WRITE | POLLERR));
    bool urgent = (asked & POLLPRI) && (p[i].revents & POLLPRI);
    int fd = p[i].fd < 0 ? ~p[i].fd : p[i].fd;
    put_set(r, fd, readable);
    put_set(w, fd, writable);
    put_set(e, fd, urgent);
    bits += readable + writable + urgent;
  }
  return bits;
}

/* A hang-up is nothing to one who waits for urgent data only, but always ends a poll: such are asked no more. */
static void leave_out_spoken(struct pollfd *p, nfds_t n) {
  for (nfds_t i = 0; i < n; i++) {
    if (p[i].revents != 0) {
      p[i].fd = ~p[i].fd;
      p[i].revents = 0;
    }
  }
}

EXPORT int pselect(int n, fd_set *r, fd_set *w, fd_set *e, const struct timespec *timeout, const sigset_t *mask) {
  if (n <= 0 || !any_selected(n, r, w, e)) {
    return REAL(pselect)(n, r, w, e, timeout, mask);
  }
  if (!is_time(timeout)) {
    errno = EINVAL;
    return -1;
  }
  struct pollfd *p = malloc((size_t)n * sizeof *p);
  if (p == NULL) {
    errno = ENOMEM;
    return -1;
  }
  int result;
  pthread_cleanup_push(free, p);
  nfds_t count = to_poll(p, n, r, w, e);
  int64_t end = timeout ? q_end(timeout) : 0;
  bool again;
  do {
    int64_t ns = timeout ? end - q_now() : 0;
    ns = ns > 0 ? ns : 0;
    struct timespec left = {ns / 1000000000, ns % 1000000000};
    result = ppoll(p, count, timeout ? &left : NULL, mask);
    int polled = result;
    result = result < 0 ? -errno : from_poll(p, count, NULL, NULL, NULL);
    again = polled > 0 && result == 0 && (timeout == NULL || ns > 0);
    if (again) {
      leave_out_spoken(p, count);
    }
  } while (again);
  if (result >= 0) {
    from_poll(p, count, r, w, e);
  }
  pthread_cleanup_pop(1);
  if (result < 0) {
    errno = -result;
    return -1;
  }
  return result;
}

EXPORT int select(int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *timeout) {
  if (n <= 0 || !any_selected(n, r, w, e)) {
    return REAL(select)(n, r, w, e, timeout);
  }
  if (timeout == NULL) {
    return pselect(n, r, w, e, NULL, NULL);
  }
  if (timeout->tv_sec < 0 || timeout->tv_usec < 0) {
    errno = EINVAL;
    return -1;
  }
  struct timespec t = {timeout->tv_sec, timeout->tv_usec % 1000000 * 1000};
  t.tv_sec += t.tv_sec < INT32_MAX ? timeout->tv_usec / 1000000 : 0;
  int64_t end = q_end(&t);
  int result = pselect(n, r, w, e, &t, NULL);
  int64_t left = end - q_now();
  left = left > 0 ? left : 0;
  *timeout = (struct timeval){left / 1000000000, left % 1000000000 / 1000};
  return result;
}
