# Sourced by quic for 'quic run PROGRAM ARGS...': runs an unchanged program whose IPPROTO_QUIC sockets are the data plane's.
# In: $self. Does not return.

run_fail() {
  echo "quic run: $2" >&2
  exit "$1"
}

run_usage() {
  cat <<'EOF'
Usage: quic run [--run-dir=DIR] PROGRAM [ARGS...]
Runs a program written for QUIC sockets of the kernel, unchanged: socket(AF_INET or AF_INET6, SOCK_DGRAM or SOCK_STREAM,
IPPROTO_QUIC) and all that is done on it goes to the data plane, and so do generic netlink sockets that ask for the family
'handshake'. The rest of the program, and programs it starts, are untouched.
      --run-dir=DIR   directory of the data plane's sockets; else $QUIC_RUN_DIR, /run/quic for root, $XDG_RUNTIME_DIR/quic
  -h, --help          this text

Not for statically linked or setuid programs, nor for those that make system calls without libc (docs/preload.md).

Exit codes: the program's; else 1 the library cannot be built, 2 wrong usage, 3 no data plane, 126 or 127 no such program.
EOF
}

shift
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) run_usage; exit 0 ;;
    --run-dir=*) QUIC_RUN_DIR=${1#--run-dir=}; shift ;;
    --run-dir) [ $# -ge 2 ] || run_fail 2 "--run-dir needs a directory"; QUIC_RUN_DIR=$2; shift 2 ;;
    --) shift; break ;;
    -*) run_fail 2 "unknown option $1; try 'quic run --help'" ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || { run_usage >&2; exit 2; }

root=$(dirname "$(dirname "$self")")
preload=$root/consumer-api/preload
library=$preload/target/libquicsock.so
if [ -x "$preload/build.sh" ] && [ -z "${QUIC_NO_BUILD:-}" ]; then
  said=$("$preload/build.sh" 2>&1) || run_fail 1 "building the library failed: $said"
fi
[ -f "$library" ] || run_fail 1 "there is no $library${said:+ ($said)}; install a C compiler, or run '$preload/build.sh'"

if [ -z "${QUIC_RUN_DIR:-}" ]; then
  if [ "$(id -u)" = 0 ] || [ -z "${XDG_RUNTIME_DIR:-}" ]; then QUIC_RUN_DIR=/run/quic; else QUIC_RUN_DIR=$XDG_RUNTIME_DIR/quic; fi
fi
case $QUIC_RUN_DIR in /*) ;; *) QUIC_RUN_DIR=$PWD/$QUIC_RUN_DIR ;; esac
# A data plane that was killed leaves its socket behind. Only a connection tells; without perl the program's own socket() does.
abandoned() {
  perl -MErrno=ECONNREFUSED -MSocket -e \
    'socket(my $s, AF_UNIX, SOCK_SEQPACKET, 0) or exit 1; exit(connect($s, pack_sockaddr_un($ARGV[0])) || $! != ECONNREFUSED)' \
    "$1" 2>/dev/null
}

if [ ! -S "$QUIC_RUN_DIR/socket.sock" ] || abandoned "$QUIC_RUN_DIR/socket.sock"; then
  run_fail 3 "no data plane in $QUIC_RUN_DIR; start one with 'bin/dataplane --run-dir=$QUIC_RUN_DIR', or name its directory with --run-dir"
fi
export QUIC_RUN_DIR
# A name in LD_PRELOAD ends at a blank or a colon, and without a word to the user the program would run without the library.
case $library in
  *[:\;]*) run_fail 1 "a library is not found where the path has a colon or a semicolon: $library" ;;
  *' '*)
    LD_LIBRARY_PATH=${library%/*}${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export LD_LIBRARY_PATH
    library=${library##*/}
    ;;
esac
LD_PRELOAD=$library${LD_PRELOAD:+:$LD_PRELOAD}
export LD_PRELOAD
exec "$@"
