/* The control connection: one a process, opened when it is first needed, again after fork. */
#include "quicsock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

/* Where the control connection's number lies if it can: out of the way of programs that count. */
#define HIGH_FD 1000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int line = -1;
static uint32_t generation;
static uint32_t seq;
static _Thread_local bool interrupted;

int door_path(const char *name, char *path, size_t room) {
  const char *dir = getenv("QUIC_RUN_DIR");
  const char *tail = "";
  if (dir == NULL || *dir == 0) {
    dir = getenv("XDG_RUNTIME_DIR");
    tail = "/quic";
    if (geteuid() == 0 || dir == NULL || *dir == 0) {
      dir = "/run";
    }
  }
  int n = snprintf(path, room, "%s%s/%s", dir, tail, name);
  return n > 0 && (size_t)n < room ? 0 : -ENAMETOOLONG;
}

static int out_of_the_way(int fd) {
  struct rlimit r;
  int least = HIGH_FD;
  if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < HIGH_FD + 16) {
    least = r.rlim_cur > 32 ? (int)r.rlim_cur - 16 : 3;
  }
  int high = REAL(fcntl)(fd, F_DUPFD_CLOEXEC, least);
  if (high < 0) {
    return fd;
  }
  REAL(close)(fd);
  return high;
}

int door_connect(const char *name) {
  char path[4096];
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  if (door_path(name, path, sizeof path) < 0) {
    return -ENAMETOOLONG;
  }
  int dir = -1;
  if (strlen(path) < sizeof a.sun_path) {
    strcpy(a.sun_path, path);
  } else {
    /* Too long for an address: by way of the directory's descriptor. */
    *strrchr(path, '/') = 0;
    dir = REAL(open)(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
      return -errno;
    }
    snprintf(a.sun_path, sizeof a.sun_path, "/proc/self/fd/%d/%s", dir, name);
  }
  int fd = REAL(socket)(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  int r = fd < 0 ? -1 : REAL(connect)(fd, (struct sockaddr *)&a, sizeof a);
  int error = errno;
  if (dir >= 0) {
    REAL(close)(dir);
  }
  if (r < 0) {
    if (fd >= 0) {
      REAL(close)(fd);
    }
    return -error;
  }
  return fd;
}

/* The lock is held from here on. */

static void drop_line(void) {
  if (line >= 0) {
    REAL(close)(line);
    line = -1;
  }
}

static int open_line(void) {
  if (line >= 0) {
    return 0;
  }
  int fd = door_connect("socket.sock");
  if (fd < 0) {
    return fd;
  }
  line = out_of_the_way(fd);
  generation++;
  return 0;
}

static int send_call(struct call *c, const struct iovec *in, int n, int pass) {
  static const char pad[8];
  struct iovec v[72];
  char control[CMSG_SPACE(sizeof(int))] = {0};
  v[0] = (struct iovec){c, sizeof *c};
  for (int i = 0; i < n; i++) {
    v[i + 1] = in[i];
  }
  v[n + 1] = (struct iovec){(void *)pad, -c->len & 7};
  struct msghdr m = {.msg_iov = v, .msg_iovlen = (size_t)n + 2};
  if (pass >= 0) {
    m.msg_control = control;
    m.msg_controllen = sizeof control;
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    h->cmsg_level = SOL_SOCKET;
    h->cmsg_type = SCM_RIGHTS;
    h->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(h), &pass, sizeof pass);
  }
  ssize_t r = REAL(sendmsg)(line, &m, MSG_NOSIGNAL);
  while (r < 0 && errno == EINTR) {
    interrupted = true;
    r = REAL(sendmsg)(line, &m, MSG_NOSIGNAL);
  }
  return r < 0 ? -errno : 0;
}

static int take_passed(struct msghdr *m) {
  struct cmsghdr *h = CMSG_FIRSTHDR(m);
  int fd = -1;
  if (h != NULL && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS) {
    memcpy(&fd, CMSG_DATA(h), sizeof fd);
  }
  return fd;
}

/* False when the connection broke. */
static bool receive_reply(uint32_t wanted, struct answer *out, int *came, int *result) {
  while (true) {
    struct call c;
    char control[CMSG_SPACE(sizeof(int))];
    struct iovec v[2] = {{&c, sizeof c}, {out ? out->bytes : NULL, out ? out->room : 0}};
    struct msghdr m = {.msg_iov = v, .msg_iovlen = 2, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t r = REAL(recvmsg)(line, &m, MSG_CMSG_CLOEXEC);
    while (r < 0 && errno == EINTR) {
      interrupted = true;
      r = REAL(recvmsg)(line, &m, MSG_CMSG_CLOEXEC);
    }
    if (r < (ssize_t)sizeof c) {
      return false;
    }
    int fd = take_passed(&m);
    bool mine = c.seq == wanted || c.op == 0;
    if (mine && came != NULL) {
      *came = fd;
    } else if (fd >= 0) {
      REAL(close)(fd);
    }
    if (mine) {
      if (out != NULL) {
        size_t there = (size_t)r - sizeof c;
        out->length = c.len < there ? c.len : there;
      }
      *result = (int32_t)c.value;
      return true;
    }
  }
}

/* One call and its answer; -ECONNABORTED when the connection broke. */
static int exchange(uint32_t handle, int op, const struct iovec *in, int n, int pass, struct answer *out, int *came) {
  struct call c = {(uint16_t)op, 0, ++seq, handle, (uint32_t)iov_total(in, (size_t)n)};
  int result;
  int r = send_call(&c, in, n, pass);
  if (r == -EFAULT || r == -ENOMEM || r == -ENOBUFS || r == -EMSGSIZE) {
    /* Nothing was sent: it was the caller's, or the system's, fault. */
    return r;
  }
  if (r == 0 && receive_reply(c.seq, out, came, &result)) {
    return result;
  }
  drop_line();
  return -ECONNABORTED;
}

/* A call of no socket. A data plane that was started anew is found at the second try. */
static int exchange_anew(uint32_t value, int op, const struct iovec *in, int n, int pass, struct answer *out) {
  int r = -ECONNABORTED;
  for (int i = 0; i < 2 && r == -ECONNABORTED; i++) {
    r = open_line();
    r = r < 0 ? r : exchange(value, op, in, n, pass, out, NULL);
  }
  return r;
}

static int adopt(int fd, struct qsock *s) {
  if (line >= 0 && s->generation == generation && s->handle != 0) {
    return 0;
  }
  int r = exchange_anew(0, OP_ADOPT, NULL, 0, fd, NULL);
  if (r > 0) {
    s->handle = (uint32_t)r;
    s->generation = generation;
    return 0;
  }
  return r < 0 ? r : -EPROTO;
}

/* Enters with the lock, and no cancellation while it is held. */

static int enter(void) {
  int state;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
  pthread_mutex_lock(&lock);
  return state;
}

static void leave(int state) {
  pthread_mutex_unlock(&lock);
  pthread_setcancelstate(state, NULL);
}

int door_socket(int domain, int type, int protocol, uint32_t *handle, uint32_t *of) {
  uint32_t numbers[4] = {(uint32_t)domain, (uint32_t)type, (uint32_t)protocol, SOCKET_HANGS_UP};
  struct iovec in = {numbers, sizeof numbers};
  int came = -1;
  int state = enter();
  int r = -ECONNABORTED;
  /* A data plane that was started anew is found at the second try. */
  for (int i = 0; i < 2 && r == -ECONNABORTED; i++) {
    r = open_line();
    if (r == 0) {
      r = exchange(0, OP_SOCKET, &in, 1, -1, NULL, &came);
    } else {
      /* As where the kernel has no QUIC. */
      r = -EPROTONOSUPPORT;
    }
  }
  *handle = (uint32_t)r;
  *of = generation;
  if (r >= 0 && came < 0) {
    /* The process has as many descriptors as it may; the socket ends, the data plane's handle must, too. */
    exchange((uint32_t)r, OP_FORGET, NULL, 0, -1, NULL, NULL);
    r = -EMFILE;
  }
  leave(state);
  if (r >= 0) {
    return came;
  }
  if (came >= 0) {
    REAL(close)(came);
  }
  return r;
}

bool door_interrupted(void) { return interrupted; }

int door_call(int fd, struct qsock *s, int op, const struct iovec *in, int n, struct answer *out) {
  int state = enter();
  interrupted = false;
  int r = adopt(fd, s);
  if (r == 0) {
    r = exchange(s->handle, op, in, n, -1, out, NULL);
  } else if (r != -EMFILE) {
    r = -ECONNABORTED;
  }
  leave(state);
  return r == -ECONNABORTED ? -EPIPE : r;
}

int door_ask(int op, uint32_t value, const struct iovec *in, int n, struct answer *out) {
  int state = enter();
  int r = exchange_anew(value, op, in, n, -1, out);
  leave(state);
  return r;
}

int door_adopt(int fd, struct qsock *s) {
  int state = enter();
  int r = adopt(fd, s);
  leave(state);
  return r;
}

void door_forget(struct qsock *s) {
  int state = enter();
  if (line >= 0 && s->handle != 0 && s->generation == generation) {
    exchange(s->handle, OP_FORGET, NULL, 0, -1, NULL, NULL);
  }
  s->handle = 0;
  leave(state);
}

bool door_owns(int fd) { return fd >= 0 && fd == line; }

void door_check(void) {
  int state = enter();
  if (line >= 0 && REAL(fcntl)(line, F_GETFD) < 0) {
    line = -1;
  }
  leave(state);
}

void door_evict(int fd) {
  int state = enter();
  if (fd >= 0 && fd == line) {
    int moved = REAL(fcntl)(line, F_DUPFD_CLOEXEC, fd + 1);
    line = moved;
  }
  leave(state);
}

void door_fork_prepare(void) { pthread_mutex_lock(&lock); }

void door_fork_parent(void) { pthread_mutex_unlock(&lock); }

void door_fork_child(void) {
  /* The connection is the parent's; what it knows by handle is adopted again when needed. */
  drop_line();
  generation++;
  pthread_mutex_unlock(&lock);
}
