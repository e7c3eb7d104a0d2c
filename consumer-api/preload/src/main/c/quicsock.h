/* The preload library: what its files share. docs/preload.md tells what it does, docs/protocol.md the wire format. */
#ifndef QUICSOCK_H
#define QUICSOCK_H

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

/* The kernel's numbers (linux/quic.h). */
#define IPPROTO_QUIC 261
#define SOL_QUIC 288
#define QUIC_STREAM_INFO 0
#define QUIC_HANDSHAKE_INFO 1
#define QUIC_SOCKOPT_EVENT 0
#define QUIC_SOCKOPT_STREAM_OPEN 1
#define QUIC_SOCKOPT_CONNECTION_ID 4
#define QUIC_SOCKOPT_TRANSPORT_PARAM 8
#define QUIC_SOCKOPT_STREAM_PRIORITY 0x1030
#define MSG_QUIC_STREAM_FIN 0x200
#define MSG_QUIC_STREAM_NEW 0x400
#define MSG_QUIC_STREAM_UNI 0x800
#define MSG_QUIC_DATAGRAM 0x1000
#define MSG_QUIC_STREAM_SNDBLOCK 0x2000
#define MSG_QUIC_NOTIFICATION 0x8000
#define MSG_QUIC_STREAM_DONTWAIT 0x10000

/* struct quic_stream_info. */
struct stream_info {
  int64_t stream_id;
  uint32_t stream_flags;
};

/* Numbers of the control connection (docs/protocol.md). */
enum {
  OP_SOCKET = 1,
  OP_BIND,
  OP_CONNECT,
  OP_LISTEN,
  OP_GETSOCKOPT,
  OP_SETSOCKOPT,
  OP_SHUTDOWN,
  OP_GETSOCKNAME,
  OP_GETPEERNAME,
  OP_IOCTL,
  OP_ADOPT,
  OP_FORGET = 20,
  OP_SEND = 21,
  OP_PROC = 30
};

/* And of data descriptors. */
enum { DATA_SEND = 1, DATA_RECV, DATA_ACCEPT, DATA_RESULT, DATA_CLOSED };
#define SOCKET_HANGS_UP 1
#define CMSG_NONE 0xffff
#define MAX_DATA 65536

/* Header of a request and of a reply. */
struct call {
  uint16_t op;
  uint16_t flags;
  uint32_t seq;
  uint32_t value; /* a request's socket, a reply's result */
  uint32_t len;
};

/* Header of a packet on a data descriptor. */
struct data {
  uint16_t type;
  uint16_t cmsg;
  uint32_t flags;
  int64_t stream_id;
  uint32_t stream_flags;
  uint32_t seq;
};

_Static_assert(sizeof(struct call) == 16 && sizeof(struct data) == 24, "wire format");

/* What a descriptor is. */
enum kind { KIND_QUIC = 1, KIND_NETLINK };

/* What this process knows of a socket's life; another process may have moved it on. */
enum state { STATE_FRESH, STATE_LISTENING, STATE_ALIVE, STATE_UNKNOWN };

/* A stream of which it is known that a plain send goes through. */
#define HOT_ACTIVE (-1) /* whichever a send without a stream goes to */
#define HOTS 8
struct hot {
  int64_t stream;
  uint32_t trust; /* sends on it that went well; 0: an empty place */
};

/* A netlink socket's side of the story (bus.c). */
struct bus {
  bool ours;    /* talks to the bus; else to the kernel so far */
  uint32_t pid; /* nl_pid */
  uint32_t groups;
  uint32_t options; /* to be told to the bus */
};

/* A socket of ours. Memory of this type is never given back, so that a look-up needs no lock. */
struct qsock {
  atomic_int refs; /* calls under way, and 1 while a descriptor is open */
  int fds;         /* descriptors of this process; table lock */
  enum kind kind;
  int domain;
  int type;
  atomic_int state;
  atomic_bool shut_rd; /* SHUT_RD was done here */

  /* Guarded by the door's lock. */
  uint32_t handle;
  uint32_t generation; /* of the control connection that knows the handle; 0 for none */

  pthread_mutex_t lock; /* guards what follows; never held while waiting */
  bool peeking;         /* SO_PEEK_OFF is on */
  bool mid;             /* part of the first packet was read; head is its header */
  uint32_t pos;         /* bytes of its payload that were */
  struct data head;
  bool closed; /* the last packet was seen */

  int late;        /* errno of a pipelined send, to be told */
  struct hot hot[HOTS];
  uint32_t next_hot; /* place that is given away next */
  uint32_t streak;   /* sends that went well, without any other call between */
  bool piped;      /* sends may still wait in the pipe */
  uint32_t unsure; /* pipelined sends since the last answer */
  atomic_bool owing; /* what is in the descriptor may be the outcome of such a send */
  uint32_t largest_datagram;

  struct bus bus;
  struct watch *watches; /* its places in epoll sets; guarded by the lock of epoll.c */
  struct qsock *next_free;
};

struct epoll_event;

/* real.c: libc's own functions. */
#define REALS(X)                                                                    \
  X(int, socket, (int, int, int))                                                   \
  X(int, bind, (int, const struct sockaddr *, socklen_t))                           \
  X(int, listen, (int, int))                                                        \
  X(int, connect, (int, const struct sockaddr *, socklen_t))                        \
  X(int, accept, (int, struct sockaddr *, socklen_t *))                             \
  X(int, accept4, (int, struct sockaddr *, socklen_t *, int))                       \
  X(int, getsockname, (int, struct sockaddr *, socklen_t *))                        \
  X(int, getpeername, (int, struct sockaddr *, socklen_t *))                        \
  X(int, shutdown, (int, int))                                                      \
  X(int, getsockopt, (int, int, int, void *, socklen_t *))                          \
  X(int, setsockopt, (int, int, int, const void *, socklen_t))                      \
  X(ssize_t, sendmsg, (int, const struct msghdr *, int))                            \
  X(ssize_t, recvmsg, (int, struct msghdr *, int))                                  \
  X(int, sendmmsg, (int, struct mmsghdr *, unsigned, int))                          \
  X(int, recvmmsg, (int, struct mmsghdr *, unsigned, int, struct timespec *))       \
  X(ssize_t, send, (int, const void *, size_t, int))                                \
  X(ssize_t, recv, (int, void *, size_t, int))                                      \
  X(ssize_t, sendto, (int, const void *, size_t, int, const struct sockaddr *, socklen_t)) \
  X(ssize_t, recvfrom, (int, void *, size_t, int, struct sockaddr *, socklen_t *))  \
  X(ssize_t, read, (int, void *, size_t))                                           \
  X(ssize_t, write, (int, const void *, size_t))                                    \
  X(ssize_t, readv, (int, const struct iovec *, int))                               \
  X(ssize_t, writev, (int, const struct iovec *, int))                              \
  X(ssize_t, preadv2, (int, const struct iovec *, int, off_t, int))                 \
  X(ssize_t, pwritev2, (int, const struct iovec *, int, off_t, int))                \
  X(ssize_t, splice, (int, off_t *, int, off_t *, size_t, unsigned))                \
  X(ssize_t, sendfile, (int, int, off_t *, size_t))                                 \
  X(int, poll, (struct pollfd *, nfds_t, int))                                      \
  X(int, ppoll, (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *)) \
  X(int, select, (int, fd_set *, fd_set *, fd_set *, struct timeval *))             \
  X(int, pselect, (int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *)) \
  X(int, epoll_create, (int))                                                       \
  X(int, epoll_create1, (int))                                                      \
  X(int, epoll_ctl, (int, int, int, struct epoll_event *))                          \
  X(int, epoll_wait, (int, struct epoll_event *, int, int))                         \
  X(int, epoll_pwait, (int, struct epoll_event *, int, int, const sigset_t *))      \
  X(int, epoll_pwait2, (int, struct epoll_event *, int, const struct timespec *, const sigset_t *)) \
  X(int, fcntl, (int, int, ...))                                                    \
  X(int, ioctl, (int, unsigned long, ...))                                          \
  X(int, dup, (int))                                                                \
  X(int, dup2, (int, int))                                                          \
  X(int, dup3, (int, int, int))                                                     \
  X(int, close, (int))                                                              \
  X(int, close_range, (unsigned, unsigned, int))                                    \
  X(void, closefrom, (int))                                                         \
  X(int, fclose, (void *))                                                          \
  X(int, open, (const char *, int, ...))                                            \
  X(int, open64, (const char *, int, ...))                                          \
  X(int, openat, (int, const char *, int, ...))                                     \
  X(int, openat64, (int, const char *, int, ...))                                   \
  X(void *, fopen, (const char *, const char *))                                    \
  X(void *, fopen64, (const char *, const char *))

struct reals {
#define FIELD(ret, name, args) ret(*name) args;
  REALS(FIELD)
#undef FIELD
};
extern struct reals real_functions;
void real_init(void);
#define REAL(name) (real_functions.name ? real_functions.name : (real_init(), real_functions.name))

/* table.c: descriptors. */
struct qsock *table_get(int fd); /* counted: table_put; NULL for what is not ours */
void table_put(struct qsock *s);
bool table_has(int fd);
struct qsock *table_new(int fd, enum kind kind); /* counted; NULL: no memory, or a number too high */
void table_dup(int from, int to);
int table_close(int fd); /* one of ours; like close */
void table_forget(int fd); /* the number alone */
bool table_is_ours(void); /* false in a child of vfork, which must not change anything */
void table_came(int fd); /* looks whether a descriptor from elsewhere is a socket of ours */
int table_came_in(struct msghdr *m);

/* door.c: the control connection. */
struct answer {
  void *bytes;
  size_t room;
  size_t length; /* out */
};
/* A descriptor or a negated errno. */
int door_socket(int domain, int type, int protocol, uint32_t *handle, uint32_t *generation);
int door_call(int fd, struct qsock *s, int op, const struct iovec *in, int n, struct answer *out);
int door_ask(int op, uint32_t value, const struct iovec *in, int n, struct answer *out); /* of no socket */
void door_forget(struct qsock *s);
int door_adopt(int fd, struct qsock *s);
int door_path(const char *name, char *path, size_t room);
int door_connect(const char *name); /* a descriptor or negated errno */
bool door_owns(int fd);
bool door_interrupted(void); /* a signal came during this thread's last call, after which it may not wait */
void door_check(void); /* the program may have closed it */
void door_evict(int fd); /* makes room for a program that wants this very number */
void door_fork_prepare(void);
void door_fork_parent(void);
void door_fork_child(void);

/* All of these answer like the system call, with a negated errno. */
int q_socket(int domain, int type, int protocol);
int q_connect(int fd, struct qsock *s, const struct sockaddr *a, socklen_t len);
int q_bind(int fd, struct qsock *s, const struct sockaddr *a, socklen_t len);
int q_listen(int fd, struct qsock *s, int backlog);
int q_name(int fd, struct qsock *s, int op, struct sockaddr *a, socklen_t *len);
int q_shutdown(int fd, struct qsock *s, int how);
int q_getsockopt(int fd, struct qsock *s, int level, int name, void *v, socklen_t *len);
int q_setsockopt(int fd, struct qsock *s, int level, int name, const void *v, socklen_t len);
int q_ioctl(int fd, struct qsock *s, unsigned long request, void *arg);
int q_accept(int fd, struct qsock *s, struct sockaddr *a, socklen_t *len, int flags);
ssize_t q_recvmsg(int fd, struct qsock *s, struct msghdr *m, int flags);
ssize_t q_sendmsg(int fd, struct qsock *s, const struct msghdr *m, int flags);
void q_copy_name(const struct qsock *s, const void *from, size_t n, struct sockaddr *a, socklen_t *len);
short q_poll_bits(int fd, struct qsock *s, short events, short revents);
int64_t q_waiting(int fd, struct qsock *s);
bool q_nonblocking(int fd, int flags);
int q_pause(int fd, int option, int64_t *spent); /* waits a little; 0, EINTR or EAGAIN, negated */
int64_t q_now(void); /* ns, monotonic */
int64_t q_end(const struct timespec *t); /* when that long is over */
void q_unhot(struct qsock *s);

/* What poll says of a socket whatever its descriptor does; 0: nothing. */
short q_state_bits(struct qsock *s, short events);

/* epoll.c: sockets in epoll sets. */
void watch_changed(struct qsock *s); /* it was connected, listens, or was shut down */
void watch_forget(struct qsock *s);
void watch_fork_prepare(void);
void watch_fork_done(void);

/* bus.c: netlink sockets. */
int bus_socket(int type, int protocol);
ssize_t bus_sendmsg(int fd, struct qsock *s, const struct msghdr *m, int flags);
ssize_t bus_recvmsg(int fd, struct qsock *s, struct msghdr *m, int flags);
int bus_bind(int fd, struct qsock *s, const struct sockaddr *a, socklen_t len);
int bus_name(int fd, struct qsock *s, bool peer, struct sockaddr *a, socklen_t *len);
int bus_setsockopt(int fd, struct qsock *s, int level, int name, const void *v, socklen_t len);
int bus_getsockopt(int fd, struct qsock *s, int level, int name, void *v, socklen_t *len);

/* iov.c */
size_t iov_total(const struct iovec *v, size_t n);
size_t iov_gather(const struct iovec *v, size_t n, char *to, size_t room);
int iov_slice(const struct iovec *v, size_t n, size_t off, size_t len, struct iovec *to, int max, size_t *got);

#define EXPORT __attribute__((visibility("default")))

#endif
