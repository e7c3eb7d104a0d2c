/* The four parts of the function test's client. */
#ifndef FUNCTEST_H
#define FUNCTEST_H

#include "quicsocket.h"

#define NEW STREAM_NEW
#define FIN STREAM_FIN
#define UNI STREAM_UNI

/* Sends a text as libquic's helper does. */
ssize_t say(int fd, const char *text, int64_t stream, uint32_t flags);

/* Says a text that ends its stream and fails unless the server answers it. */
int64_t ask(int fd, const char *text, int64_t stream, uint32_t flags, const char *what);

/* Reads data until the end of a stream; fails unless it is this text. The stream. */
int64_t hear(int fd, const char *text, const char *what);

/* Reads one event of this type into a buffer of 128 bytes; its length. */
ssize_t notice(int fd, int type, unsigned char *event, const char *what);

long stream_open(int fd, int64_t id, uint32_t flags);
int stream_reset(int fd, int64_t id, uint32_t code);
int connection_ids(int fd, int dest, uint32_t active, uint32_t prior);

/* First live number of an end's ids. */
int connection_id_first(int fd, int dest, uint32_t *active);

/* Waits until a condition on the socket holds, for five seconds at most. */
void until(int (*condition)(int fd, int wanted), int fd, int wanted, const char *what);

int local_port(int fd);
int peer_port(int fd);
int has_local_port(int fd, int port);
int has_peer_port(int fd, int port);

void streams(int fd);
void stream_limits(int fd);
void connections(int fd);
void notifications(int fd);
void closing(int fd);

#endif
