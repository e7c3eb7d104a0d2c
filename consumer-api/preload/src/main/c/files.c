/* The tables under /proc/net/quic, which the data plane writes. */
#include "quicsock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DIRECTORY "/proc/net/quic/"
#define OF_PROCESS "/proc/self/net/quic/"
#define PIECE 32768

/* The table a path names; NULL for any other file. */
static const char *table_of(const char *path) {
  const char *name = NULL;
  if (path == NULL || strncmp(path, "/proc/", 6) != 0) {
    return NULL;
  }
  if (strncmp(path, DIRECTORY, sizeof DIRECTORY - 1) == 0) {
    name = path + sizeof DIRECTORY - 1;
  } else if (strncmp(path, OF_PROCESS, sizeof OF_PROCESS - 1) == 0) {
    name = path + sizeof OF_PROCESS - 1;
  }
  bool known = name && (strcmp(name, "snmp") == 0 || strcmp(name, "conns") == 0 || strcmp(name, "eps") == 0);
  return known ? name : NULL;
}

static int write_fully(int fd, const char *b, size_t n) {
  while (n > 0) {
    ssize_t r = REAL(write)(fd, b, n);
    if (r < 0) {
      return -errno;
    }
    b += r;
    n -= (size_t)r;
  }
  return 0;
}

/* A file with the table as it is now, to be read; or a negated errno. */
static int open_table(const char *name, int flags) {
  char *b = malloc(PIECE);
  int fd = memfd_create(name, flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
  int r = b == NULL || fd < 0 ? -ENOMEM : 0;
  uint32_t at = 0;
  while (r == 0) {
    struct iovec in = {(void *)name, strlen(name)};
    struct answer out = {b, PIECE, 0};
    int n = door_ask(OP_PROC, at, &in, 1, &out);
    if (n <= 0) {
      r = n;
      break;
    }
    r = write_fully(fd, b, out.length);
    at += (uint32_t)out.length;
    if (out.length == 0) {
      r = -EIO;
    }
  }
  free(b);
  if (r < 0) {
    if (fd >= 0) {
      REAL(close)(fd);
    }
    return r;
  }
  lseek(fd, 0, SEEK_SET);
  return fd;
}

/* The table, if it is one that is asked for and there to be had. */
static int instead(const char *path, int flags) {
  const char *name = (flags & O_ACCMODE) == O_RDONLY ? table_of(path) : NULL;
  return name == NULL ? -ENOENT : open_table(name, flags);
}

#define WITH_MODE(flags, mode)                             \
  mode_t mode = 0;                                         \
  if (((flags) & O_CREAT) || ((flags) & O_TMPFILE) == O_TMPFILE) { \
    va_list args;                                          \
    va_start(args, flags);                                 \
    mode = va_arg(args, mode_t);                           \
    va_end(args);                                          \
  }

EXPORT int open(const char *path, int flags, ...) {
  WITH_MODE(flags, mode)
  int fd = instead(path, flags);
  return fd >= 0 ? fd : REAL(open)(path, flags, mode);
}

EXPORT int open64(const char *path, int flags, ...) {
  WITH_MODE(flags, mode)
  int fd = instead(path, flags);
  return fd >= 0 ? fd : REAL(open64)(path, flags, mode);
}

EXPORT int openat(int dir, const char *path, int flags, ...) {
  WITH_MODE(flags, mode)
  int fd = instead(path, flags);
  return fd >= 0 ? fd : REAL(openat)(dir, path, flags, mode);
}

EXPORT int openat64(int dir, const char *path, int flags, ...) {
  WITH_MODE(flags, mode)
  int fd = instead(path, flags);
  return fd >= 0 ? fd : REAL(openat64)(dir, path, flags, mode);
}

/* What programs compiled with _FORTIFY_SOURCE call where no mode is given. */

EXPORT int __open_2(const char *path, int flags) { return open(path, flags); }

EXPORT int __open64_2(const char *path, int flags) { return open64(path, flags); }

EXPORT int __openat_2(int dir, const char *path, int flags) { return openat(dir, path, flags); }

EXPORT int __openat64_2(int dir, const char *path, int flags) { return openat64(dir, path, flags); }

static FILE *instead_stream(const char *path, const char *mode) {
  int fd = mode != NULL && mode[0] == 'r' && strchr(mode, '+') == NULL ? instead(path, O_RDONLY) : -1;
  return fd >= 0 ? fdopen(fd, "r") : NULL;
}

EXPORT FILE *fopen(const char *restrict path, const char *restrict mode) {
  FILE *f = instead_stream(path, mode);
  return f != NULL ? f : REAL(fopen)(path, mode);
}

EXPORT FILE *fopen64(const char *restrict path, const char *restrict mode) {
  FILE *f = instead_stream(path, mode);
  return f != NULL ? f : REAL(fopen64)(path, mode);
}
