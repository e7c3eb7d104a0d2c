#!/bin/sh
# Builds target/libquicsock.so with the system's C compiler. Prints one line and succeeds where there is none.
# CFLAGS adds to the flags; the first argument is another place for the library.
case ${1:-} in
  -*) echo "Usage: build.sh [FILE]; builds the preload library, target/libquicsock.so unless another FILE is named"; exit 2 ;;
esac
cd "$(dirname "$0")" || exit 1
out=${1:-target/libquicsock.so}
if ! command -v "${CC:-cc}" >/dev/null 2>&1; then
  echo "preload: no C compiler (${CC:-cc}), so $out is not built; install gcc, or set CC"
  exit 0
fi
if [ -f "$out" ] && [ -z "$(find src/main/c build.sh -newer "$out" 2>/dev/null | head -n 1)" ]; then exit 0; fi
mkdir -p "$(dirname "$out")" || exit 1
# shellcheck disable=SC2086
"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -O2 -g -fPIC -shared -fvisibility=hidden -fno-strict-aliasing -fexceptions \
  -Wall -Wextra -Wformat=2 -Wshadow -Wpointer-arith -Wstrict-prototypes -Werror ${CFLAGS:-} \
  -o "$out.$$" src/main/c/*.c -pthread -ldl -Wl,-z,now,-z,relro,-z,nodelete && mv "$out.$$" "$out"
