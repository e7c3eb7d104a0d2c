/*
 * agent COUNT CERT KEY: a handshake agent after tlshd's fashion: joins the group of the family "handshake", and for each
 * READY opens a second socket, accepts the request, runs the handshake on the descriptor it got, and says DONE. Prints
 * "ready" once it has joined, and a line for each request.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../quictls.h"

#define check(x) ((x) ? (void)0 : fail(__LINE__, #x))

static void fail(int line, const char *what) {
  fprintf(stderr, "agent.c:%d: %s: %s\n", line, what, strerror(errno));
  exit(1);
}

static uint32_t seq;
static uint32_t pid;

/* Builds a message with attributes, which are put behind one another. */
struct request {
  struct nlmsghdr h;
  struct genlmsghdr g;
  char attributes[256];
};

static void start(struct request *r, int type, int command, int flags) {
  memset(r, 0, sizeof *r);
  r->h.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
  r->h.nlmsg_type = (uint16_t)type;
  r->h.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
  r->h.nlmsg_seq = ++seq;
  r->h.nlmsg_pid = pid;
  r->g.cmd = (uint8_t)command;
  r->g.version = 1;
}

static void put(struct request *r, int type, const void *b, size_t n) {
  struct nlattr a = {(uint16_t)(NLA_HDRLEN + n), (uint16_t)type};
  char *at = (char *)r + r->h.nlmsg_len;
  memcpy(at, &a, sizeof a);
  memcpy(at + NLA_HDRLEN, b, n);
  r->h.nlmsg_len += (uint32_t)NLA_ALIGN(NLA_HDRLEN + n);
}

static void put_number(struct request *r, int type, uint32_t v) { put(r, type, &v, sizeof v); }

static int open_netlink(void) {
  struct sockaddr_nl a = {.nl_family = AF_NETLINK};
  socklen_t len = sizeof a;
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
  check(fd >= 0);
  check(bind(fd, (struct sockaddr *)&a, sizeof a) == 0);
  check(getsockname(fd, (struct sockaddr *)&a, &len) == 0 && len == sizeof a && a.nl_family == AF_NETLINK);
  pid = a.nl_pid;
  check(pid != 0);
  return fd;
}

static ssize_t talk(int fd, const struct request *r, char *b, size_t room) {
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  check(sendto(fd, r, r->h.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof kernel) == (ssize_t)r->h.nlmsg_len);
  /* As libnl: how long is it, and from whom? */
  struct iovec v = {b, 16};
  struct sockaddr_nl from = {0};
  struct msghdr m = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &v, .msg_iovlen = 1};
  ssize_t n = recvmsg(fd, &m, MSG_PEEK | MSG_TRUNC);
  check(n >= 16 && n <= (ssize_t)room);
  v.iov_len = (size_t)n;
  m.msg_namelen = sizeof from;
  check(recvmsg(fd, &m, 0) == n);
  check(m.msg_namelen == sizeof from && from.nl_family == AF_NETLINK && from.nl_pid == 0);
  return n;
}

/* The attribute of a message, or of a nest; NULL for none. */
static const char *attribute(const char *b, size_t n, int type, size_t *length) {
  while (n >= NLA_HDRLEN) {
    struct nlattr a;
    memcpy(&a, b, sizeof a);
    if (a.nla_len < NLA_HDRLEN || a.nla_len > n) {
      return NULL;
    }
    if ((a.nla_type & NLA_TYPE_MASK) == type) {
      *length = a.nla_len - NLA_HDRLEN;
      return b + NLA_HDRLEN;
    }
    size_t step = NLA_ALIGN(a.nla_len);
    b += step;
    n = step < n ? n - step : 0;
  }
  return NULL;
}

static uint32_t number(const char *b, ssize_t n, int type) {
  size_t length;
  uint32_t v = 0;
  const char *a = attribute(b + NLMSG_HDRLEN + GENL_HDRLEN, (size_t)n - NLMSG_HDRLEN - GENL_HDRLEN, type, &length);
  if (a != NULL) {
    memcpy(&v, a, length < sizeof v ? length : sizeof v);
  }
  return v;
}

static uint16_t family(int fd, uint32_t *group) {
  char b[8192];
  struct request r;
  size_t length;
  start(&r, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
  put(&r, CTRL_ATTR_FAMILY_NAME, "handshake", 10);
  ssize_t n = talk(fd, &r, b, sizeof b);
  const char *all = b + NLMSG_HDRLEN + GENL_HDRLEN;
  const char *groups = attribute(all, (size_t)n - NLMSG_HDRLEN - GENL_HDRLEN, CTRL_ATTR_MCAST_GROUPS, &length);
  check(groups != NULL);
  size_t left = length;
  *group = 0;
  for (const char *g = groups; left > NLA_HDRLEN;) {
    struct nlattr a;
    size_t l;
    memcpy(&a, g, sizeof a);
    const char *name = attribute(g + NLA_HDRLEN, a.nla_len - NLA_HDRLEN, CTRL_ATTR_MCAST_GRP_NAME, &l);
    const char *id = attribute(g + NLA_HDRLEN, a.nla_len - NLA_HDRLEN, CTRL_ATTR_MCAST_GRP_ID, &l);
    if (name != NULL && id != NULL && strcmp(name, "tlshd") == 0) {
      memcpy(group, id, sizeof *group);
    }
    size_t step = NLA_ALIGN(a.nla_len);
    g += step;
    left = step < left ? left - step : 0;
  }
  check(*group != 0);
  return (uint16_t)number(b, n, CTRL_ATTR_FAMILY_ID);
}

static void serve(char **argv) {
  char b[8192];
  struct request r;
  uint32_t group;
  int fd = open_netlink();
  uint16_t id = family(fd, &group);
  start(&r, id, 2, 0);
  put_number(&r, 2, 1);
  ssize_t n = talk(fd, &r, b, sizeof b);
  uint32_t grant = number(b, n, 1);
  check(grant > 0);
  int protocol = 0;
  socklen_t len = sizeof protocol;
  check(getsockopt((int)grant, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0 && protocol == IPPROTO_QUIC);
  char alpn[129] = {0};
  len = 128;
  check(getsockopt((int)grant, SOL_QUIC, 11, alpn, &len) == 0);
  int client = number(b, n, 3) == 1;
  int status = client ? quic_client_handshake((int)grant, "localhost", alpn)
                      : quic_server_handshake((int)grant, argv[2], argv[3], alpn);
  start(&r, id, 3, NLM_F_ACK);
  put_number(&r, 1, (uint32_t)-status);
  put_number(&r, 2, grant);
  n = talk(fd, &r, b, sizeof b);
  struct nlmsghdr h;
  int32_t error;
  memcpy(&h, b, sizeof h);
  memcpy(&error, b + NLMSG_HDRLEN, sizeof error);
  check(h.nlmsg_type == NLMSG_ERROR && error == 0);
  printf("%s %s: %d\n", client ? "client" : "server", alpn, status);
  close((int)grant);
  close(fd);
}

int main(int argc, char **argv) {
  char b[8192];
  uint32_t group;
  int one = 1;
  if (argc != 4) {
    fprintf(stderr, "agent COUNT CERT KEY\n");
    return 2;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  alarm(120);
  int fd = open_netlink();
  check(setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof one) == 0);
  family(fd, &group);
  check(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0);
  puts("ready");
  for (int left = atoi(argv[1]); left > 0; left--) {
    check(recv(fd, b, sizeof b, 0) >= (ssize_t)NLMSG_LENGTH(GENL_HDRLEN));
    serve(argv);
  }
  close(fd);
  return 0;
}
