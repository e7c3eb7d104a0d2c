/* The kernel's tables, by the functions programs read files with. */
#include "calls.h"

#include <fcntl.h>

/* Whether a line of the table has the word in it. */
static int listed(const char *path, const char *word) {
  char line[1024];
  int found = 0;
  FILE *f = fopen(path, "r");
  check(f != NULL);
  while (fgets(line, sizeof line, f) != NULL) {
    found |= strstr(line, word) != NULL;
  }
  check(fclose(f) == 0);
  return found;
}

int tables(void) {
  struct sockaddr_in a;
  char name[32];
  char b[64] = {0};
  int l = listen_any(&a);
  snprintf(name, sizeof name, "127.0.0.1:%d", ntohs(a.sin_port));
  check(listed("/proc/net/quic/eps", name));
  check(listed("/proc/self/net/quic/eps", name));
  check(!listed("/proc/net/quic/conns", name));
  int fd = open("/proc/net/quic/snmp", O_RDONLY | O_CLOEXEC);
  check(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC));
  check(read(fd, b, sizeof b - 1) > 0 && strstr(b, "QuicConnCurrentEstabs") == b);
  check(close(fd) == 0 && close(l) == 0);
  check(!listed("/proc/net/quic/eps", name));
  /* All other files are as ever. */
  check(listed("/proc/net/protocols", "UNIX"));
  check(open("/proc/net/quic/nothing", O_RDONLY) == -1 && errno == ENOENT);
  check(open("/proc/net/quic/snmp", O_RDWR) == -1);
  char made[] = "/tmp/smoke-XXXXXX";
  fd = mkstemp(made);
  check(fd >= 0 && close(fd) == 0 && unlink(made) == 0);
  fd = open(made, O_CREAT | O_EXCL | O_WRONLY, 0640);
  check(fd >= 0 && close(fd) == 0 && access(made, R_OK) == 0 && unlink(made) == 0);
  return 0;
}
