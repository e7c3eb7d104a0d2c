#ifndef SMOKE_H
#define SMOKE_H

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../quictls.h"

#define check(x) ((x) ? (void)0 : fail(__LINE__, __FILE__ ": " #x))

struct smoke_case {
  const char *name;
  void (*client)(int fd);
  void (*server)(int fd);
  int (*whole)(void); /* instead of the two */
};

extern const struct smoke_case smoke_cases[];
extern const char *cert;
extern const char *key;
extern const char *self;

void fail(int line, const char *what) __attribute__((noreturn));
struct sockaddr_in loopback(int port);
void write_all(int fd, const void *b, size_t n);
void read_all(int fd, void *b, size_t n);
int listen_any(struct sockaddr_in *a);
int accept_one(int listener);
int connect_to(const struct sockaddr_in *a);
int after_exec(int argc, char **argv);

#endif
