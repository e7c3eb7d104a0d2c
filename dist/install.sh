#!/bin/sh
# Installs a built checkout:  mvn -DskipTests package && sudo dist/install.sh [--root DIR]
# Programs go to /usr/lib/quic, units to /usr/lib/systemd/system; configuration that exists is left alone.
set -eu

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

root=
while [ $# -gt 0 ]; do
  case $1 in
    --root)
      [ $# -ge 2 ] || fail "--root needs a directory"
      root=$2
      shift 2
      ;;
    -h | --help)
      sed -n '2,3s/^# //p' "$0"
      exit 0
      ;;
    *) fail "unknown argument $1 (see --help)" ;;
  esac
done

dist=$(dirname "$(readlink -f "$0")")
from=$(dirname "$dist")
to=$root/usr/lib/quic

for module in dataplane/daemon handshaked/daemon samples; do
  [ -d "$from/$module/target/lib" ] || fail "not built: run 'mvn -DskipTests package' in $from"
done

for module in dataplane/daemon handshaked/daemon samples; do
  rm -rf "$to/$module/target"
  mkdir -p "$to/$module/target/lib"
  for jar in "$from/$module"/target/*.jar; do
    case $jar in *-tests.jar | *-sources.jar) ;; *) install -m 644 "$jar" "$to/$module/target/" ;; esac
  done
  install -m 644 "$from/$module"/target/lib/*.jar "$to/$module/target/lib/"
done
mkdir -p "$to/bin" "$to/docs"
install -m 755 "$from"/bin/dataplane "$from"/bin/handshaked "$from"/bin/quic "$to/bin/"
install -m 644 "$from"/bin/launch.sh "$from"/bin/preload.sh "$from"/bin/warm.sh "$to/bin/"
# Not there where there was no C compiler.
library=consumer-api/preload/target/libquicsock.so
if [ -f "$from/$library" ]; then
  mkdir -p "$to/${library%/*}"
  install -m 755 "$from/$library" "$to/$library"
fi
install -m 644 "$from"/docs/*.md "$to/docs/"

mkdir -p "$root/usr/lib/systemd/system" "$root/usr/lib/sysusers.d" "$root/usr/lib/sysctl.d" "$root/etc/quic" "$root/etc/handshaked/tags.d"
install -m 644 "$dist"/systemd/*.service "$root/usr/lib/systemd/system/"
install -m 644 "$dist"/sysusers.d/quic.conf "$root/usr/lib/sysusers.d/"
install -m 644 "$dist"/sysctl.d/50-quic.conf "$root/usr/lib/sysctl.d/"
[ -e "$root/etc/quic/dataplane.conf" ] || install -m 644 "$dist/config/dataplane.conf" "$root/etc/quic/"
[ -e "$root/etc/handshaked/config" ] || install -m 644 "$dist/config/handshaked.conf" "$root/etc/handshaked/config"
echo "installed in ${root:-/}; next: systemd-sysusers && sysctl --system && systemctl daemon-reload && systemctl enable --now quic-dataplane quic-handshaked"
