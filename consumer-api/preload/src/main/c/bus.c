/*
 * Generic netlink sockets. They are the kernel's until they ask for the family "handshake" while a data plane is there:
 * from then on they talk to its bus, under the same number.
 */
#include "quicsock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAMILY_NAME "handshake"
#define FAMILY_ID 0x21
#define CMD_ACCEPT 2
#define CMD_DONE 3
#define ACCEPT_SOCKFD 1
#define DONE_SOCKFD 2
#define NLMSG_MEMBERSHIP 0x0f

/* Bytes of a message that are looked at; those that matter are far shorter. */
#define LOOKED_AT 4096

/* Options to be told to the bus once a socket is its. */
#define WANTS_CAP_ACK 1
#define WANTS_EXT_ACK 2

struct membership {
  struct nlmsghdr h;
  uint32_t op;
  uint32_t value;
};

/* The payload's offset of an attribute of the first message of this type and command; 0 for none. */
static size_t find(const char *b, size_t n, int type, int command, int attribute, size_t *length) {
  size_t at = 0;
  while (n - at >= NLMSG_HDRLEN) {
    struct nlmsghdr h;
    memcpy(&h, b + at, sizeof h);
    if (h.nlmsg_len < NLMSG_HDRLEN || h.nlmsg_len > n - at) {
      return 0;
    }
    size_t end = at + h.nlmsg_len;
    size_t a = at + NLMSG_HDRLEN + GENL_HDRLEN;
    if (h.nlmsg_type == type && a <= end && b[at + NLMSG_HDRLEN] == command) {
      while (end - a >= NLA_HDRLEN) {
        struct nlattr attr;
        memcpy(&attr, b + a, sizeof attr);
        if (attr.nla_len < NLA_HDRLEN || attr.nla_len > end - a) {
          return 0;
        }
        if ((attr.nla_type & NLA_TYPE_MASK) == attribute) {
          *length = attr.nla_len - NLA_HDRLEN;
          return a + NLA_HDRLEN;
        }
        size_t step = NLA_ALIGN(attr.nla_len);
        if (step >= end - a) {
          break;
        }
        a += step;
      }
    }
    size_t step = NLMSG_ALIGN(h.nlmsg_len);
    if (step >= n - at) {
      return 0;
    }
    at += step;
  }
  return 0;
}

/* Tells the bus, without or with an answer: 0 or a negated errno. */
static int tell(int fd, uint32_t op, uint32_t value, bool answered) {
  struct membership m = {.op = op, .value = value};
  m.h.nlmsg_len = sizeof m;
  m.h.nlmsg_type = NLMSG_MEMBERSHIP;
  m.h.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | (answered ? NLM_F_ACK : 0));
  if (REAL(send)(fd, &m, sizeof m, MSG_NOSIGNAL) < 0) {
    return -errno;
  }
  if (!answered) {
    return 0;
  }
  struct {
    struct nlmsghdr h;
    struct nlmsgerr e;
  } a;
  ssize_t n;
  do {
    n = REAL(recv)(fd, &a, sizeof a, 0);
  } while (n < 0 && errno == EINTR);
  return n < (ssize_t)(sizeof a.h + sizeof a.e.error) ? -EIO : a.e.error;
}

/* On another connection first: there the answer cannot come among messages for the program. */
static int try_and_tell(int fd, uint32_t op, uint32_t value) {
  int probe = door_connect("netlink.sock");
  if (probe < 0) {
    return -ECONNRESET;
  }
  int r = op == NETLINK_DROP_MEMBERSHIP ? 0 : tell(probe, op, value, true);
  REAL(close)(probe);
  return r < 0 ? r : tell(fd, op, value, false);
}

static void know_pid(int fd, struct qsock *s) {
  struct sockaddr_nl a = {0};
  socklen_t len = sizeof a;
  if (REAL(getsockname)(fd, (struct sockaddr *)&a, &len) == 0 && a.nl_family == AF_NETLINK) {
    s->bus.pid = a.nl_pid;
  }
}

static void copy_timeout(int from, int to, int option) {
  struct timeval t;
  socklen_t len = sizeof t;
  if (REAL(getsockopt)(from, SOL_SOCKET, option, &t, &len) == 0) {
    REAL(setsockopt)(to, SOL_SOCKET, option, &t, len);
  }
}

/* Puts the bus behind the program's number. False: there is none, and the kernel keeps the socket. */
static bool move(int fd, struct qsock *s) {
  int line = door_connect("netlink.sock");
  if (line < 0) {
    return false;
  }
  int status = REAL(fcntl)(fd, F_GETFL);
  int flags = REAL(fcntl)(fd, F_GETFD);
  know_pid(fd, s);
  if (s->bus.pid == 0) {
    s->bus.pid = (uint32_t)syscall(SYS_getpid);
  }
  copy_timeout(fd, line, SO_RCVTIMEO);
  copy_timeout(fd, line, SO_SNDTIMEO);
  int r = REAL(dup3)(line, fd, flags >= 0 && (flags & FD_CLOEXEC) ? O_CLOEXEC : 0);
  REAL(close)(line);
  if (r < 0) {
    return false;
  }
  if (status >= 0 && (status & O_NONBLOCK)) {
    REAL(fcntl)(fd, F_SETFL, O_RDWR | O_NONBLOCK);
  }
  if (s->bus.options & WANTS_CAP_ACK) {
    tell(fd, NETLINK_CAP_ACK, 1, false);
  }
  if (s->bus.options & WANTS_EXT_ACK) {
    tell(fd, NETLINK_EXT_ACK, 1, false);
  }
  s->bus.ours = true;
  return true;
}

int bus_socket(int type, int protocol) {
  int fd = REAL(socket)(AF_NETLINK, type, protocol);
  if (fd < 0) {
    return -errno;
  }
  struct qsock *s = table_new(fd, KIND_NETLINK);
  if (s != NULL) {
    s->domain = AF_NETLINK;
    s->type = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    table_put(s);
  }
  return fd;
}

static bool asks_for_us(const struct msghdr *m) {
  char b[LOOKED_AT];
  size_t n = iov_gather(m->msg_iov, m->msg_iovlen, b, sizeof b);
  size_t length = 0;
  size_t at = find(b, n, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME, &length);
  return at > 0 && length >= sizeof FAMILY_NAME - 1 && strncmp(b + at, FAMILY_NAME, length) == 0;
}

ssize_t bus_sendmsg(int fd, struct qsock *s, const struct msghdr *m, int flags) {
  if (!s->bus.ours && !(asks_for_us(m) && move(fd, s))) {
    ssize_t r = REAL(sendmsg)(fd, m, flags);
    return r < 0 ? -errno : r;
  }
  char b[LOOKED_AT];
  char control[CMSG_SPACE(sizeof(int))] = {0};
  size_t length = 0;
  size_t n = iov_gather(m->msg_iov, m->msg_iovlen, b, sizeof b);
  size_t at = find(b, n, FAMILY_ID, CMD_DONE, DONE_SOCKFD, &length);
  struct msghdr out = {.msg_iov = m->msg_iov, .msg_iovlen = m->msg_iovlen};
  int pass = -1;
  if (at > 0 && length >= sizeof pass) {
    memcpy(&pass, b + at, sizeof pass);
  }
  if (pass >= 0 && REAL(fcntl)(pass, F_GETFD) >= 0) {
    out.msg_control = control;
    out.msg_controllen = sizeof control;
    struct cmsghdr *c = CMSG_FIRSTHDR(&out);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof pass);
    memcpy(CMSG_DATA(c), &pass, sizeof pass);
  }
  ssize_t r = REAL(sendmsg)(fd, &out, flags | MSG_NOSIGNAL);
  /* The kernel's side of a netlink socket does not go away. */
  return r < 0 ? (errno == EPIPE ? -ECONNRESET : -errno) : r;
}

/* A grant has come: into the table, and its number into the message. */
static void take_grant(const struct msghdr *m, size_t n, int grant) {
  char b[LOOKED_AT];
  size_t length = 0;
  size_t have = iov_gather(m->msg_iov, m->msg_iovlen, b, n < sizeof b ? n : sizeof b);
  size_t at = find(b, have, FAMILY_ID, CMD_ACCEPT, ACCEPT_SOCKFD, &length);
  struct qsock *s = at > 0 && length == sizeof grant ? table_new(grant, KIND_QUIC) : NULL;
  if (s == NULL) {
    REAL(close)(grant);
    return;
  }
  atomic_store(&s->state, STATE_ALIVE);
  table_put(s);
  REAL(fcntl)(grant, F_SETFL, O_RDWR);
  struct iovec v[sizeof grant];
  size_t got;
  int pieces = iov_slice(m->msg_iov, m->msg_iovlen, at, sizeof grant, v, sizeof grant, &got);
  const char *from = (const char *)&grant;
  for (int i = 0; i < pieces; i++) {
    memcpy(v[i].iov_base, from, v[i].iov_len);
    from += v[i].iov_len;
  }
}

ssize_t bus_recvmsg(int fd, struct qsock *s, struct msghdr *m, int flags) {
  if (!s->bus.ours) {
    ssize_t r = REAL(recvmsg)(fd, m, flags);
    return r < 0 ? -errno : r;
  }
  char control[CMSG_SPACE(sizeof(int))];
  struct msghdr in = {.msg_iov = m->msg_iov, .msg_iovlen = m->msg_iovlen};
  bool peek = (flags & MSG_PEEK) != 0;
  if (!peek) {
    in.msg_control = control;
    in.msg_controllen = sizeof control;
  }
  ssize_t r = REAL(recvmsg)(fd, &in, flags | MSG_CMSG_CLOEXEC);
  if (r <= 0) {
    return r < 0 ? -errno : -ECONNRESET;
  }
  struct cmsghdr *c = peek ? NULL : CMSG_FIRSTHDR(&in);
  if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
    int grant;
    memcpy(&grant, CMSG_DATA(c), sizeof grant);
    take_grant(m, (size_t)r, grant);
  }
  if (m->msg_name != NULL && m->msg_namelen > 0) {
    struct sockaddr_nl a = {.nl_family = AF_NETLINK};
    memcpy(m->msg_name, &a, m->msg_namelen < sizeof a ? m->msg_namelen : sizeof a);
    m->msg_namelen = sizeof a;
  }
  m->msg_controllen = 0;
  m->msg_flags = in.msg_flags & MSG_TRUNC;
  return r;
}

int bus_bind(int fd, struct qsock *s, const struct sockaddr *a, socklen_t len) {
  if (!s->bus.ours) {
    return REAL(bind)(fd, a, len) < 0 ? -errno : 0;
  }
  struct sockaddr_nl nl;
  if (a == NULL || len < sizeof nl || a->sa_family != AF_NETLINK) {
    return -EINVAL;
  }
  memcpy(&nl, a, sizeof nl);
  if (nl.nl_pid != 0) {
    s->bus.pid = nl.nl_pid;
  }
  for (uint32_t group = 1; group <= 32; group++) {
    int r = nl.nl_groups >> (group - 1) & 1 ? try_and_tell(fd, NETLINK_ADD_MEMBERSHIP, group) : 0;
    if (r < 0) {
      return r;
    }
  }
  s->bus.groups = nl.nl_groups;
  return 0;
}

int bus_name(int fd, struct qsock *s, bool peer, struct sockaddr *a, socklen_t *len) {
  if (!s->bus.ours) {
    int r = peer ? REAL(getpeername)(fd, a, len) : REAL(getsockname)(fd, a, len);
    return r < 0 ? -errno : 0;
  }
  if (a == NULL || len == NULL) {
    return -EFAULT;
  }
  struct sockaddr_nl nl = {.nl_family = AF_NETLINK};
  if (!peer) {
    nl.nl_pid = s->bus.pid;
    nl.nl_groups = s->bus.groups;
  }
  memcpy(a, &nl, *len < sizeof nl ? *len : sizeof nl);
  *len = sizeof nl;
  return 0;
}

static void note_option(struct qsock *s, int name, bool on) {
  uint32_t bit = name == NETLINK_CAP_ACK ? WANTS_CAP_ACK : name == NETLINK_EXT_ACK ? WANTS_EXT_ACK : 0;
  s->bus.options = on ? s->bus.options | bit : s->bus.options & ~bit;
}

int bus_setsockopt(int fd, struct qsock *s, int level, int name, const void *v, socklen_t len) {
  uint32_t value = 0;
  if (v != NULL && len >= sizeof value) {
    memcpy(&value, v, sizeof value);
  }
  if (!s->bus.ours || level != SOL_NETLINK) {
    int r = REAL(setsockopt)(fd, level, name, v, len) < 0 ? -errno : 0;
    if (r == 0 && level == SOL_NETLINK) {
      note_option(s, name, value != 0);
    }
    return r;
  }
  if (v == NULL || len < sizeof value) {
    return v == NULL ? -EFAULT : -EINVAL;
  }
  switch (name) {
    case NETLINK_ADD_MEMBERSHIP:
    case NETLINK_DROP_MEMBERSHIP:
      return try_and_tell(fd, (uint32_t)name, value);
    case NETLINK_CAP_ACK:
    case NETLINK_EXT_ACK:
      note_option(s, name, value != 0);
      return tell(fd, (uint32_t)name, value != 0, false);
    case NETLINK_NO_ENOBUFS:
    case NETLINK_BROADCAST_ERROR:
    case NETLINK_GET_STRICT_CHK:
      return 0;
    default:
      return -ENOPROTOOPT;
  }
}

int bus_getsockopt(int fd, struct qsock *s, int level, int name, void *v, socklen_t *len) {
  int value = -1;
  if (s->bus.ours && level == SOL_SOCKET) {
    value = name == SO_DOMAIN ? AF_NETLINK : name == SO_PROTOCOL ? NETLINK_GENERIC : name == SO_TYPE ? s->type : -1;
  } else if (s->bus.ours && level == SOL_NETLINK && (name == NETLINK_CAP_ACK || name == NETLINK_EXT_ACK)) {
    value = (s->bus.options & (name == NETLINK_CAP_ACK ? WANTS_CAP_ACK : WANTS_EXT_ACK)) != 0;
  }
  if (value >= 0 && v != NULL && len != NULL && *len >= sizeof value) {
    memcpy(v, &value, sizeof value);
    *len = sizeof value;
    return 0;
  }
  return REAL(getsockopt)(fd, level, name, v, len) < 0 ? -errno : 0;
}
