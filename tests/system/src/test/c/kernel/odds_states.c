/* Calls that come twice, too late or on the wrong socket; lengths of names and options. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "odds.h"

static void unconnected(const char *host, int port) {
  struct sockaddr_storage a;
  socklen_t len = address(&a, host, port);
  struct sockaddr *at = (struct sockaddr *)&a;
  int fd = quic_socket(a.ss_family, SOCK_DGRAM);
  refused(shutdown(fd, 3), EINVAL, "shutdown of nothing (usual)");
  refused(shutdown(fd, SHUT_RDWR), ENOTCONN, "shutdown, unconnected (usual)");
  refused(accept4(fd, NULL, NULL, 0x40), EINVAL, "accept4 with odd flags (usual)");
  refused(accept(fd, NULL, NULL), EINVAL, "accept, no listener (usual)");
  refused(connect(fd, at, 1), EINVAL, "connect to a short address (usual)");
  refused(connect(fd, at, 15), EINVAL, "connect to a cut address (usual)");
  refused(bind(fd, at, 1), EINVAL, "bind to a short address (usual)");
  check(bind(fd, at, len) == 0, "bind");
  refused(bind(fd, at, len), EINVAL, "bind twice (usual)");
  len = address(&a, host, port + 1);
  check(connect(fd, at, len) == 0, "connect of a bound socket");
  refused(connect(fd, at, len), EISCONN, "connect twice (usual)");
  refused(bind(fd, at, len), EINVAL, "bind, connected (usual)");
  refused(listen(fd, 1), EINVAL, "listen, connected (usual)");
  refused(accept(fd, NULL, NULL), EINVAL, "accept, connected (usual)");
  check(number(fd, SO_ACCEPTCONN) == 0, "SO_ACCEPTCONN");
  refused(shutdown(fd, -1), EINVAL, "shutdown of less than nothing (usual)");
  check(shutdown(fd, SHUT_RDWR) == 0, "shutdown");
  refused(shutdown(fd, SHUT_RDWR), ENOTCONN, "shutdown twice (usual: it is closed)");
  refused(shutdown(fd, SHUT_RD), ENOTCONN, "SHUT_RD, closed (usual)");
  refused(send(fd, "x", 1, MSG_NOSIGNAL), EPIPE, "send, closed (facts)");
  char b;
  refused(recv(fd, &b, 1, 0), ENOTCONN, "recv, closed (facts)");
  close(fd);
}

static void listening(const char *host, int port) {
  struct sockaddr_storage a;
  socklen_t len = address(&a, host, port);
  struct sockaddr *at = (struct sockaddr *)&a;
  struct timeval some = {0, 50000};
  int fd = quic_bound(host, port);
  check(listen(fd, 1) == 0 && listen(fd, 5) == 0, "listen twice (usual)");
  check(number(fd, SO_ACCEPTCONN) == 1, "SO_ACCEPTCONN");
  refused(bind(fd, at, len), EINVAL, "bind of a listener (usual)");
  len = address(&a, host, port + 1);
  refused(connect(fd, at, len), EISCONN, "connect of a listener (usual)");
  check(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &some, sizeof(some)) == 0, "SO_RCVTIMEO");
  refused(accept(fd, NULL, NULL), EAGAIN, "accept for a while (usual)");
  len = (socklen_t)-1;
  refused(accept(fd, at, &len), EINVAL, "accept with a negative length (usual)");
  close(fd);
}

void states(const char *host, int port) {
  unconnected(host, port);
  listening(host, port);
  passing("states");
}

/* usual: what fits is given, the length is the whole one. */
static void names(int fd, int all) {
  unsigned char b[64];
  struct sockaddr *a = (struct sockaddr *)b;
  socklen_t len = 4;
  /* No port that is picked begins with 1, nor an address or flow label. */
  memset(b, 1, sizeof(b));
  check(getsockname(fd, a, &len) == 0 && (int)len == all && b[2] != 1 && b[4] == 1, "a short name");
  len = 0;
  memset(b, 0xee, sizeof(b));
  check(getpeername(fd, a, &len) == 0 && (int)len == all && b[0] == 0xee, "no room for a name");
  len = sizeof(b);
  check(getpeername(fd, a, &len) == 0 && (int)len == all, "much room for a name");
  len = (socklen_t)-1;
  refused(getsockname(fd, a, &len), EINVAL, "a negative length");
  refused(getsockname(fd, a, NULL), EFAULT, "no length");
}

static void gets(int fd) {
  unsigned char b[8];
  int v = -1;
  socklen_t len = 3;
  memset(b, 0xee, sizeof(b));
  check(getsockopt(fd, SOL_SOCKET, SO_TYPE, b, &len) == 0 && len == 3, "a room of 3 (usual)");
  check(b[0] == SOCK_STREAM && b[2] == 0 && b[3] == 0xee, "a room of 3");
  len = 0;
  check(getsockopt(fd, SOL_SOCKET, SO_TYPE, NULL, &len) == 0 && len == 0, "no room (usual)");
  check(getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, b, &len) == 0 && len == 0, "no room (usual)");
  check(getsockopt(fd, SOL_QUIC, OPT_CONFIG, b, &len) == 0 && len == 0, "no room (facts: cut)");
  len = 64;
  check(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &v, &len) == 0 && len == sizeof(v), "more room (usual)");
  len = (socklen_t)-1;
  refused(getsockopt(fd, SOL_SOCKET, SO_ERROR, &v, &len), EINVAL, "a negative length (usual)");
  refused(getsockopt(fd, SOL_SOCKET, SO_ERROR, &v, NULL), EFAULT, "no length (usual)");
  len = sizeof(v);
  refused(getsockopt(fd, SOL_SOCKET, SO_ERROR, NULL, &len), EFAULT, "no value (usual)");
  refused(getsockopt(fd, SOL_SOCKET, 9999, &v, &len), ENOPROTOOPT, "an unknown option (usual)");
  refused(getsockopt(fd, 9999, 1, &v, &len), ENOPROTOOPT, "an unknown level (usual)");
}

static void sets(int fd) {
  int v = 1;
  struct timeval odd = {0, 1000000};
  int protected[] = {SO_TYPE, SO_PROTOCOL, SO_DOMAIN, SO_ERROR, SO_ACCEPTCONN};
  for (size_t i = 0; i < sizeof(protected) / sizeof(*protected); i++) {
    refused(setsockopt(fd, SOL_SOCKET, protected[i], &v, sizeof(v)), ENOPROTOOPT, "only to get (usual)");
  }
  refused(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, NULL, sizeof(v)), EFAULT, "no value (usual)");
  refused(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, NULL, 0), EINVAL, "nothing (usual)");
  refused(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &v, (socklen_t)-1), EINVAL, "a negative length (usual)");
  refused(setsockopt(fd, SOL_SOCKET, SO_LINGER, &v, sizeof(v)), EINVAL, "half a struct (usual)");
  refused(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &odd, sizeof(odd)), EDOM, "too many microseconds (usual)");
  refused(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &odd, 4), EINVAL, "a short time (usual)");
  refused(setsockopt(fd, SOL_QUIC, OPT_CONFIG, NULL, sizeof(struct config)), EFAULT, "no struct (usual)");
  check(setsockopt(fd, SOL_QUIC, OPT_CONFIG, NULL, 0) == 0, "nothing: all as it was (facts: the tail is zero)");
  refused(setsockopt(fd, SOL_QUIC, OPT_EVENT, NULL, 0), EINVAL, "the event 0 (facts)");
  refused(setsockopt(fd, SOL_QUIC, OPT_ALPN, NULL, 0), EINVAL, "an empty ALPN (facts)");
}

void lengths(const char *host, int port) {
  struct sockaddr_storage a;
  socklen_t len = address(&a, host, port);
  int fd = quic_socket(a.ss_family, SOCK_STREAM);
  gets(fd);
  sets(fd);
  check(number(fd, SO_TYPE) == SOCK_STREAM && number(fd, SO_PROTOCOL) == IPPROTO_QUIC, "SO_TYPE, SO_PROTOCOL");
  check(number(fd, SO_DOMAIN) == a.ss_family && number(fd, SO_ERROR) == 0, "SO_DOMAIN, SO_ERROR");
  check(connect(fd, (struct sockaddr *)&a, len) == 0, "connect");
  names(fd, (int)len);
  close(fd);
  passing("lengths");
}
