/* Which descriptors are ours. */
#include "quicsock.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Numbers beyond are never ours; far above what a process may usually open. */
#define MAX_FD (1 << 20)

static _Atomic(struct qsock *) table[MAX_FD];
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct qsock *free_list;
static int highest = -1;
static pid_t owner;

static bool in_range(int fd) { return fd >= 0 && fd < MAX_FD; }

bool table_has(int fd) { return in_range(fd) && atomic_load_explicit(&table[fd], memory_order_relaxed) != NULL; }

struct qsock *table_get(int fd) {
  while (table_has(fd)) {
    struct qsock *s = atomic_load(&table[fd]);
    if (s == NULL) {
      return NULL;
    }
    int refs = atomic_load(&s->refs);
    while (refs > 0 && !atomic_compare_exchange_weak(&s->refs, &refs, refs + 1)) {
    }
    if (refs > 0) {
      if (atomic_load(&table[fd]) == s) {
        return s;
      }
      table_put(s);
    }
  }
  return NULL;
}

static void release(struct qsock *s) {
  pthread_mutex_lock(&table_lock);
  s->next_free = free_list;
  free_list = s;
  pthread_mutex_unlock(&table_lock);
}

void table_put(struct qsock *s) {
  if (atomic_fetch_sub(&s->refs, 1) == 1) {
    release(s);
  }
}

static void reset(struct qsock *s, enum kind kind) {
  s->fds = 1;
  s->kind = kind;
  s->domain = 0;
  s->type = SOCK_DGRAM;
  atomic_store(&s->state, STATE_UNKNOWN);
  atomic_store(&s->shut_rd, false);
  s->handle = 0;
  s->generation = 0;
  s->peeking = false;
  s->mid = false;
  s->pos = 0;
  s->closed = false;
  s->late = 0;
  memset(s->hot, 0, sizeof s->hot);
  s->next_hot = 0;
  s->streak = 0;
  s->piped = false;
  s->unsure = 0;
  atomic_store(&s->owing, false);
  s->largest_datagram = 0;
  memset(&s->bus, 0, sizeof s->bus);
  /* One for the descriptor, one for the caller. */
  atomic_store(&s->refs, 2);
}

struct qsock *table_new(int fd, enum kind kind) {
  if (!in_range(fd)) {
    return NULL;
  }
  table_forget(fd);
  pthread_mutex_lock(&table_lock);
  struct qsock *s = free_list;
  if (s != NULL) {
    free_list = s->next_free;
  } else {
    s = calloc(1, sizeof *s);
    if (s != NULL) {
      pthread_mutex_init(&s->lock, NULL);
    }
  }
  if (s != NULL) {
    reset(s, kind);
    atomic_store(&table[fd], s);
    highest = fd > highest ? fd : highest;
  }
  pthread_mutex_unlock(&table_lock);
  return s;
}

void table_dup(int from, int to) {
  if (!in_range(to) || from == to) {
    return;
  }
  table_forget(to);
  struct qsock *s = table_get(from);
  if (s != NULL) {
    pthread_mutex_lock(&table_lock);
    s->fds++;
    atomic_store(&table[to], s);
    highest = to > highest ? to : highest;
    pthread_mutex_unlock(&table_lock);
    table_put(s);
  }
}

/* Takes the number out; the last one gives the socket, counted, that is to be forgotten. Table lock. */
static struct qsock *take_out(int fd) {
  struct qsock *s = atomic_load(&table[fd]);
  if (s == NULL) {
    return NULL;
  }
  atomic_store(&table[fd], NULL);
  return --s->fds == 0 ? s : NULL;
}

static void forget(struct qsock *s) {
  if (s != NULL) {
    if (s->kind == KIND_QUIC) {
      watch_forget(s);
      door_forget(s);
    }
    table_put(s);
  }
}

void table_forget(int fd) {
  if (!table_has(fd)) {
    return;
  }
  pthread_mutex_lock(&table_lock);
  struct qsock *s = take_out(fd);
  pthread_mutex_unlock(&table_lock);
  forget(s);
}

int table_close(int fd) {
  int cancel;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
  pthread_mutex_lock(&table_lock);
  /* In one: the number may be another thread's new socket as soon as it is closed. */
  int r = REAL(close)(fd);
  int saved = errno;
  struct qsock *s = take_out(fd);
  pthread_mutex_unlock(&table_lock);
  pthread_setcancelstate(cancel, NULL);
  forget(s);
  errno = saved;
  return r;
}

/* Libraries that start before this one may have sockets by then. */
bool table_is_ours(void) { return owner == 0 || owner == (pid_t)syscall(SYS_getpid); }

/* Other threads, which the child does not have, may have held locks. */
static void fresh_locks(void) {
  for (int fd = 0; fd <= highest; fd++) {
    struct qsock *s = atomic_load_explicit(&table[fd], memory_order_relaxed);
    if (s != NULL) {
      pthread_mutex_init(&s->lock, NULL);
    }
  }
}

/* Descriptors that come from elsewhere. */

static int number(int fd, int name) {
  int v = -1;
  socklen_t len = sizeof v;
  return REAL(getsockopt)(fd, SOL_SOCKET, name, &v, &len) == 0 ? v : -1;
}

void table_came(int fd) {
  int saved = errno;
  /* The data plane, which knows its descriptors by inode, has the last word; few others are asked about. */
  if (in_range(fd) && !table_has(fd) && number(fd, SO_DOMAIN) == AF_UNIX && number(fd, SO_TYPE) == SOCK_SEQPACKET &&
      number(fd, SO_ACCEPTCONN) == 0) {
    struct sockaddr_storage a;
    socklen_t len = sizeof a;
    if (REAL(getpeername)(fd, (struct sockaddr *)&a, &len) == 0 && len <= sizeof(sa_family_t)) {
      struct qsock *s = table_new(fd, KIND_QUIC);
      if (s != NULL) {
        if (door_adopt(fd, s) < 0) {
          table_forget(fd);
        }
        table_put(s);
      }
    }
  }
  errno = saved;
}

int table_came_in(struct msghdr *m) {
  int count = 0;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len > CMSG_LEN(0)) {
      size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (size_t i = 0; i < n; i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
        table_came(fd);
        count++;
      }
    }
  }
  return count;
}

/* What an earlier program in this process, or its parent, left open. */
static void inherited(void) {
  DIR *dir = opendir("/proc/self/fd");
  if (dir == NULL) {
    return;
  }
  struct dirent *e;
  while ((e = readdir(dir)) != NULL) {
    char *end;
    long fd = strtol(e->d_name, &end, 10);
    if (end != e->d_name && *end == 0 && fd != dirfd(dir)) {
      table_came((int)fd);
    }
  }
  closedir(dir);
}

static void prepare(void) {
  watch_fork_prepare();
  door_fork_prepare();
  pthread_mutex_lock(&table_lock);
}

static void parent(void) {
  pthread_mutex_unlock(&table_lock);
  door_fork_parent();
  watch_fork_done();
}

static void child(void) {
  fresh_locks();
  pthread_mutex_unlock(&table_lock);
  owner = (pid_t)syscall(SYS_getpid);
  door_fork_child();
  watch_fork_done();
}

__attribute__((constructor)) static void start(void) {
  real_init();
  owner = (pid_t)syscall(SYS_getpid);
  pthread_atfork(prepare, parent, child);
  inherited();
}
