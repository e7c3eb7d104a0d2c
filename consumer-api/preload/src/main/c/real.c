/* libc's own functions behind ours. */
#include "quicsock.h"

#include <dlfcn.h>
#include <string.h>

struct reals real_functions;

void real_init(void) {
  /* Filled by whoever comes first; two threads write the same. */
#define FIND(ret, name, args)                              \
  {                                                        \
    void *f = dlsym(RTLD_NEXT, #name);                     \
    memcpy(&real_functions.name, &f, sizeof f);            \
  }
  REALS(FIND)
#undef FIND
}
