/* Netlink sockets. */
#include "quicsock.h"

#include <errno.h>
#include <linux/netlink.h>
#include <unistd.h>

int bus_socket(int type, int protocol) {
  int fd = REAL(socket)(AF_NETLINK, type, protocol);
  return fd < 0 ? -errno : fd;
}
ssize_t bus_sendmsg(int fd, struct qsock *s, const struct msghdr *m, int flags) { (void)s; ssize_t r = REAL(sendmsg)(fd, m, flags); return r < 0 ? -errno : r; }
ssize_t bus_recvmsg(int fd, struct qsock *s, struct msghdr *m, int flags) { (void)s; ssize_t r = REAL(recvmsg)(fd, m, flags); return r < 0 ? -errno : r; }
int bus_bind(int fd, struct qsock *s, const struct sockaddr *a, socklen_t len) { (void)s; return REAL(bind)(fd, a, len) < 0 ? -errno : 0; }
int bus_name(int fd, struct qsock *s, bool peer, struct sockaddr *a, socklen_t *len) { (void)s; (void)peer; return REAL(getsockname)(fd, a, len) < 0 ? -errno : 0; }
int bus_setsockopt(int fd, struct qsock *s, int level, int name, const void *v, socklen_t len) { (void)s; return REAL(setsockopt)(fd, level, name, v, len) < 0 ? -errno : 0; }
int bus_getsockopt(int fd, struct qsock *s, int level, int name, void *v, socklen_t *len) { (void)s; return REAL(getsockopt)(fd, level, name, v, len) < 0 ? -errno : 0; }
