/* How these programs use a QUIC socket: as libquic's helpers do. */
#ifndef QUICSOCKET_H
#define QUICSOCKET_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "quicnumbers.h"

/* Ends the program with one line about what failed, and errno. */
void fail(const char *what) __attribute__((noreturn));

/* Fails unless the condition holds. */
void check(int condition, const char *what);

/* Fails unless a call answered -1 with this errno. */
void refused(long result, int number, const char *what);

/* The next case of the running part passed. */
void passed(const char *part, int number);

/* An address from numbers; its length. */
socklen_t address(struct sockaddr_storage *to, const char *host, int port);
int port_of(const struct sockaddr_storage *a);
int set_port(struct sockaddr_storage *a, int port);
int quic_socket(int family, int type);

/* A bound socket that does not listen yet. */
int quic_bound(const char *host, int port);

/* One that listens, once "ready" was said. */
int quic_listening(const char *host, int port, int backlog);

int set_option(int fd, int name, const void *value, socklen_t len);
int get_option(int fd, int name, void *value, socklen_t len);
int event_switch(int fd, int type, int on);

/* Of flags the stream's part goes into a control message, the rest into the call. */
ssize_t quic_send(int fd, const void *data, size_t len, int64_t stream, uint32_t flags);

/* flags: of the call; then what came, of message and stream together. */
ssize_t quic_recv(int fd, void *data, size_t len, int64_t *stream, uint32_t *flags);

/* Gives back what comes, stream by stream, until the peer's end. */
void quic_bounce(int fd);

ssize_t handshake_send(int fd, int level, const void *data, size_t len, int flags);

/* The level, or -1 with errno; the length in *len. */
int handshake_recv(int fd, void *data, size_t *len, int flags);

/* Handshakes. `how` is "fake" or "fake:CIPHER", or for GnuTLS "x509:CERT:KEY" (a server's) or
   "x509:CA:NAME" (a client's). Return 0, or fail. */
int tls_client(int fd, const char *how);
int tls_server(int fd, const char *how);

typedef int program_end(const char *host, int port, const char *how);

/* main of a program with the arguments server|client ADDRESS PORT HOW. */
int either_end(int argc, char **argv, program_end *server, program_end *client);

/* The fake one step by step. */
int fake_client(int fd, int cipher, int early);
int fake_server(int fd, int cipher, int early);
int fake_ticket(int fd);
/* A session to be kept (use 0), or to be used again with early data. */
struct resume {
  int use;
  unsigned char *blob;
  size_t *len;
};

int gnutls_client(int fd, const char *how);
int gnutls_resuming_client(int fd, const char *how, const struct resume *resume);
int gnutls_server(int fd, const char *how);

#endif
