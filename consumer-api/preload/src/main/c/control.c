/* What goes over the control connection: names, options, states. */
#include "quicsock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* As in the kernel. */
#define MAX_OPTION 4096

/* A call after which the streams may not be as they were. */
void q_unhot(struct qsock *s) {
  pthread_mutex_lock(&s->lock);
  memset(s->hot, 0, sizeof s->hot);
  s->streak = 0;
  pthread_mutex_unlock(&s->lock);
}

int q_socket(int domain, int type, int protocol) {
  int flags = type & (SOCK_NONBLOCK | SOCK_CLOEXEC);
  uint32_t handle;
  uint32_t generation;
  type &= ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
  int fd = door_socket(domain, type, protocol, &handle, &generation);
  if (fd < 0) {
    return fd;
  }
  if (!(flags & SOCK_CLOEXEC)) {
    REAL(fcntl)(fd, F_SETFD, 0);
  }
  /* The data plane makes them for itself, which does not wait. */
  REAL(fcntl)(fd, F_SETFL, O_RDWR | (flags & SOCK_NONBLOCK ? O_NONBLOCK : 0));
  struct qsock *s = table_new(fd, KIND_QUIC);
  if (s == NULL) {
    REAL(close)(fd);
    return -ENFILE;
  }
  s->domain = domain;
  s->type = type;
  s->handle = handle;
  s->generation = generation;
  atomic_store(&s->state, STATE_FRESH);
  table_put(s);
  return fd;
}

static int with_address(int fd, struct qsock *s, int op, const struct sockaddr *a, socklen_t len) {
  if (a == NULL) {
    return -EFAULT;
  }
  if (len < sizeof(sa_family_t)) {
    return -EINVAL;
  }
  socklen_t size = a->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
  struct iovec in = {(void *)a, len < size ? len : size};
  return door_call(fd, s, op, &in, 1, NULL);
}

int q_bind(int fd, struct qsock *s, const struct sockaddr *a, socklen_t len) {
  return with_address(fd, s, OP_BIND, a, len);
}

int q_connect(int fd, struct qsock *s, const struct sockaddr *a, socklen_t len) {
  if (a != NULL && len >= sizeof(sa_family_t) && a->sa_family == AF_UNSPEC) {
    return -EOPNOTSUPP;
  }
  int r = with_address(fd, s, OP_CONNECT, a, len);
  if (r == 0) {
    atomic_store(&s->state, STATE_ALIVE);
    watch_changed(s);
  }
  return r;
}

int q_listen(int fd, struct qsock *s, int backlog) {
  uint32_t n = (uint32_t)backlog;
  struct iovec in = {&n, sizeof n};
  int r = door_call(fd, s, OP_LISTEN, &in, 1, NULL);
  if (r == 0) {
    atomic_store(&s->state, STATE_LISTENING);
    watch_changed(s);
  }
  return r;
}

int q_shutdown(int fd, struct qsock *s, int how) {
  uint32_t n = (uint32_t)how;
  struct iovec in = {&n, sizeof n};
  q_unhot(s);
  int r = door_call(fd, s, OP_SHUTDOWN, &in, 1, NULL);
  if (r == 0 && how == SHUT_RD) {
    atomic_store(&s->shut_rd, true);
    watch_changed(s);
  }
  return r;
}

/* Gives an address the way the kernel does: cut to the room there is, mapped on an IPv6 socket. */
void q_copy_name(const struct qsock *s, const void *from, size_t n, struct sockaddr *a, socklen_t *len) {
  struct sockaddr_in6 six = {.sin6_family = AF_INET6};
  struct sockaddr_in four;
  if (s->domain == AF_INET6 && n == sizeof four) {
    memcpy(&four, from, sizeof four);
    six.sin6_port = four.sin_port;
    if (four.sin_addr.s_addr != 0) {
      six.sin6_addr.s6_addr[10] = 0xff;
      six.sin6_addr.s6_addr[11] = 0xff;
      memcpy(&six.sin6_addr.s6_addr[12], &four.sin_addr, 4);
    }
    from = &six;
    n = sizeof six;
  }
  if (a != NULL && len != NULL) {
    memcpy(a, from, n < *len ? n : *len);
    *len = (socklen_t)n;
  }
}

static void know_domain(int fd, struct qsock *s) {
  if (s->domain == 0) {
    int domain = AF_INET;
    socklen_t len = sizeof domain;
    if (q_getsockopt(fd, s, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0) {
      s->domain = domain;
    }
  }
}

int q_name(int fd, struct qsock *s, int op, struct sockaddr *a, socklen_t *len) {
  if (a == NULL || len == NULL) {
    return -EFAULT;
  }
  if ((int)*len < 0) {
    return -EINVAL;
  }
  know_domain(fd, s);
  char bytes[sizeof(struct sockaddr_in6)];
  struct answer out = {bytes, sizeof bytes, 0};
  int r = door_call(fd, s, op, NULL, 0, &out);
  if (r < 0) {
    return r;
  }
  q_copy_name(s, bytes, out.length, a, len);
  return 0;
}

/* Options a program may set that mean nothing to QUIC are kept by the descriptor itself. */
static bool kept_by_descriptor(int name) {
  switch (name) {
    case SO_SNDBUF:
    case SO_RCVBUF:
    case SO_SNDBUFFORCE:
    case SO_RCVBUFFORCE:
    case SO_PASSCRED:
    case SO_PEERCRED:
    case SO_PEEK_OFF:
    case SO_BINDTODEVICE:
    case SO_ATTACH_FILTER:
    case SO_ATTACH_BPF:
      return false;
    default:
      return true;
  }
}

/* Options of IP that programs set as a matter of course; the data plane has its own mind about these. */
static bool of_ip(int level, int name, const void *v, socklen_t len) {
  int value = 0;
  if (level == IPPROTO_IPV6 && name == IPV6_V6ONLY) {
    memcpy(&value, v, len < sizeof value ? len : sizeof value);
    return value == 0;
  }
  return level == IPPROTO_IP || level == IPPROTO_IPV6;
}

static bool is_timeout(int level, int name) {
  return level == SOL_SOCKET &&
         (name == SO_RCVTIMEO_OLD || name == SO_SNDTIMEO_OLD || name == SO_RCVTIMEO_NEW || name == SO_SNDTIMEO_NEW);
}

int q_setsockopt(int fd, struct qsock *s, int level, int name, const void *v, socklen_t len) {
  if (is_timeout(level, name)) {
    return REAL(setsockopt)(fd, level, name, v, len) < 0 ? -errno : 0;
  }
  if ((int)len < 0 || (level == SOL_QUIC && len > MAX_OPTION)) {
    return -EINVAL;
  }
  if (v == NULL && len > 0) {
    return -EFAULT;
  }
  uint32_t numbers[2] = {(uint32_t)level, (uint32_t)name};
  struct iovec in[2] = {{numbers, sizeof numbers}, {(void *)v, len < MAX_OPTION ? len : MAX_OPTION}};
  if (level == SOL_QUIC) {
    q_unhot(s);
  }
  int r = door_call(fd, s, OP_SETSOCKOPT, in, 2, NULL);
  if (r == -ENOPROTOOPT && level == SOL_SOCKET && kept_by_descriptor(name)) {
    return REAL(setsockopt)(fd, level, name, v, len) < 0 ? -errno : 0;
  }
  if (r == -ENOPROTOOPT && v != NULL && of_ip(level, name, v, len)) {
    return 0;
  }
  return r < 0 ? r : 0;
}

/* Bytes of the caller's value that an option reads before it writes. */
static socklen_t reads(int level, int name) {
  if (level != SOL_QUIC) {
    return 0;
  }
  switch (name) {
    case QUIC_SOCKOPT_EVENT:
    case QUIC_SOCKOPT_CONNECTION_ID:
    case QUIC_SOCKOPT_TRANSPORT_PARAM:
      return 1;
    case QUIC_SOCKOPT_STREAM_OPEN:
      return 12;
    case QUIC_SOCKOPT_STREAM_PRIORITY:
      return 8;
    default:
      return 0;
  }
}

static int ask(int fd, struct qsock *s, int level, int name, void *v, socklen_t *len) {
  uint32_t numbers[3] = {(uint32_t)level, (uint32_t)name, *len};
  char given[16] = {0};
  char bytes[MAX_OPTION];
  socklen_t in_length = reads(level, name);
  in_length = in_length < *len ? in_length : *len;
  if (in_length > 0) {
    memcpy(given, v, in_length);
  }
  struct iovec in[2] = {{numbers, sizeof numbers}, {given, in_length}};
  struct answer out = {bytes, sizeof bytes, 0};
  int r = door_call(fd, s, OP_GETSOCKOPT, in, 2, &out);
  if (r >= 0) {
    socklen_t n = out.length < *len ? (socklen_t)out.length : *len;
    if (n > 0) {
      memcpy(v, bytes, n);
    }
    *len = n;
    r = 0;
  }
  explicit_bzero(bytes, out.length);
  return r;
}

/* STREAM_OPEN waits for the peer's limit, unless it must not. */
static int stream_open(int fd, struct qsock *s, int level, int name, void *v, socklen_t *len) {
  struct stream_info info = {0};
  if (*len > 0) {
    memcpy(&info, v, *len < 12 ? *len : 12);
  }
  int64_t spent = 0;
  q_unhot(s);
  while (true) {
    int r = ask(fd, s, level, name, v, len);
    if (r != -EAGAIN || (info.stream_flags & MSG_QUIC_STREAM_DONTWAIT) || q_nonblocking(fd, 0)) {
      return r;
    }
    r = q_pause(fd, SO_SNDTIMEO, &spent);
    if (r < 0) {
      return r;
    }
  }
}

int q_getsockopt(int fd, struct qsock *s, int level, int name, void *v, socklen_t *len) {
  if (len == NULL || (v == NULL && *len > 0)) {
    return -EFAULT;
  }
  if ((int)*len < 0) {
    return -EINVAL;
  }
  if (is_timeout(level, name)) {
    return REAL(getsockopt)(fd, level, name, v, len) < 0 ? -errno : 0;
  }
  if (level == SOL_QUIC && name == QUIC_SOCKOPT_STREAM_OPEN) {
    return stream_open(fd, s, level, name, v, len);
  }
  bool known = level == SOL_SOCKET && s->domain != 0;
  if (known && (name == SO_TYPE || name == SO_DOMAIN || name == SO_ACCEPTCONN)) {
    int listening = atomic_load(&s->state) == STATE_LISTENING;
    int n = name == SO_TYPE ? s->type : name == SO_DOMAIN ? s->domain : listening;
    socklen_t size = *len < sizeof n ? *len : sizeof n;
    if (size > 0) {
      memcpy(v, &n, size);
    }
    *len = size;
    return 0;
  }
  int r = ask(fd, s, level, name, v, len);
  if (r == -ENOPROTOOPT && level == SOL_SOCKET && kept_by_descriptor(name)) {
    return REAL(getsockopt)(fd, level, name, v, len) < 0 ? -errno : 0;
  }
  return r;
}

int q_ioctl(int fd, struct qsock *s, unsigned long request, void *arg) {
  if (request == FIONBIO || request == FIOCLEX || request == FIONCLEX || request == FIOASYNC) {
    return REAL(ioctl)(fd, request, arg) < 0 ? -errno : 0;
  }
  uint32_t n = (uint32_t)request;
  struct iovec in = {&n, sizeof n};
  int64_t value = 0;
  struct answer out = {&value, sizeof value, 0};
  int r = door_call(fd, s, OP_IOCTL, &in, 1, &out);
  if (r == -ENOTTY) {
    /* Of interfaces any socket can tell. */
    return REAL(ioctl)(fd, request, arg) < 0 ? -errno : 0;
  }
  if (r < 0 || arg == NULL) {
    return r < 0 ? r : -EFAULT;
  }
  value += request == SIOCINQ ? q_waiting(fd, s) : 0;
  int told = value < INT_MAX ? (int)value : INT_MAX;
  memcpy(arg, &told, sizeof told);
  return 0;
}

bool q_nonblocking(int fd, int flags) {
  if (flags & MSG_DONTWAIT) {
    return true;
  }
  int f = REAL(fcntl)(fd, F_GETFL);
  return f >= 0 && (f & O_NONBLOCK);
}

/* Longest nap of a call that waits for the peer without anything to wait on, ns. */
#define LONGEST_NAP 10000000

/* Like a nap with nanosleep, which a signal always ends; here it goes on behind one with SA_RESTART. */
static int restarting_nap(const struct timespec *ns) {
  struct itimerspec once = {.it_value = *ns};
  int cancel;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  ssize_t r;
  if (timer >= 0) {
    uint64_t count;
    timerfd_settime(timer, 0, &once, NULL);
    r = REAL(read)(timer, &count, sizeof count);
  } else {
    r = nanosleep(ns, NULL);
  }
  int error = r < 0 && errno == EINTR ? -EINTR : 0;
  if (timer >= 0) {
    REAL(close)(timer);
  }
  pthread_setcancelstate(cancel, NULL);
  pthread_testcancel();
  return error;
}

int q_pause(int fd, int option, int64_t *spent) {
  struct timeval t = {0};
  socklen_t len = sizeof t;
  int64_t limit = 0;
  if (door_interrupted()) {
    return -EINTR;
  }
  if (REAL(getsockopt)(fd, SOL_SOCKET, option, &t, &len) == 0) {
    limit = (int64_t)t.tv_sec * 1000000000 + (int64_t)t.tv_usec * 1000;
  }
  if (limit > 0 && *spent >= limit) {
    return -EAGAIN;
  }
  int64_t nap = *spent / 4 + 200000;
  nap = nap < LONGEST_NAP ? nap : LONGEST_NAP;
  struct timespec ts = {0, (long)nap};
  *spent += nap;
  if (limit == 0) {
    /* As the kernel's calls that wait without a timeout. */
    return restarting_nap(&ts);
  }
  return nanosleep(&ts, NULL) < 0 && errno == EINTR ? -EINTR : 0;
}
