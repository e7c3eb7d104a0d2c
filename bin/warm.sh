# Sourced by quic for 'quic warm': rehearses the programs, so that the JVM starts them with their classes loaded and linked and knows what
# will run hot. In: $self, $top. Does not return.

warm_usage() {
  cat <<'EOF'
Usage: quic warm
Runs the data plane, the handshake daemon and the tools for some seconds over loopback and keeps what the JVM has learned of them
in target/aot: they start sooner and are fast sooner. The build does it once; the JVM passes over it when a jar is newer, or the JDK
another.
  -h, --help   this text

Exit codes: 0 done, 1 a rehearsal failed, 2 wrong usage.
EOF
}

shift
case ${1:-} in
  '') ;;
  -h | --help) warm_usage; exit 0 ;;
  *) warm_usage >&2; exit 2 ;;
esac

# A build that is due must not rehearse, too.
build_options=-Dquic.warm.skip=true
. "$(dirname "$self")/launch.sh"

plane=dev.quic.dataplane.daemon.cli.DataPlaneMain
daemon=dev.quic.handshaked.daemon.HandshakedMain
tools=dev.quic.samples.QuicMain
log=$root/target/aot/rehearsal.log

warm_fail() {
  echo "quic warm: $1 (see $log); programs start cold" >&2
  exit 1
}

# Runs 'quic' with the arguments from the second on, recording the programs with the main classes in $1.
rehearse() {
  recorded=$1
  shift
  QUIC_REHEARSE=$recorded QUIC_NO_BUILD=1 "$root/bin/quic" "$@" >>"$log" 2>&1 || warm_fail "rehearsing 'quic $1' failed"
}

# Turns the record of main class $1, which runs from module $2, into what the launchers use.
keep() {
  cache=$(cache_of "$1")
  # shellcheck disable=SC2086
  "$java" $jvm -XX:AOTMode=create "-XX:AOTConfiguration=$cache.conf" "-XX:AOTCache=$cache.new" -Xlog:aot=off \
    -cp "$root/$2/target/*:$root/$2/target/lib/*" >>"$log" 2>&1 || warm_fail "nothing was learned of $1"
  mv "$cache.new" "$cache.aot"
  rm -f "$cache.conf"
}

rm -rf "$root/target/aot"
mkdir -p "$root/target/aot"
rehearse "$plane $tools" perf rehearse
rehearse "$daemon" demo --size 4M
keep "$plane" dataplane/daemon
keep "$daemon" handshaked/daemon
keep "$tools" samples
exit 0
