/* Pieces of scattered buffers. */
#include "quicsock.h"

#include <string.h>

size_t iov_total(const struct iovec *v, size_t n) {
  size_t sum = 0;
  for (size_t i = 0; i < n; i++) {
    sum += v[i].iov_len;
  }
  return sum;
}

/* Names the bytes from off on, at most len of them, in at most max entries; got: how many bytes. */
int iov_slice(const struct iovec *v, size_t n, size_t off, size_t len, struct iovec *to, int max, size_t *got) {
  int count = 0;
  *got = 0;
  for (size_t i = 0; i < n && len > 0 && count < max; i++) {
    if (off >= v[i].iov_len) {
      off -= v[i].iov_len;
      continue;
    }
    size_t here = v[i].iov_len - off;
    here = here < len ? here : len;
    to[count].iov_base = (char *)v[i].iov_base + off;
    to[count].iov_len = here;
    count++;
    *got += here;
    len -= here;
    off = 0;
  }
  return count;
}

/* Copies the first bytes, at most room of them; how many. */
size_t iov_gather(const struct iovec *v, size_t n, char *to, size_t room) {
  size_t done = 0;
  for (size_t i = 0; i < n && done < room; i++) {
    size_t here = v[i].iov_len < room - done ? v[i].iov_len : room - done;
    if (here > 0) {
      memcpy(to + done, v[i].iov_base, here);
    }
    done += here;
  }
  return done;
}
