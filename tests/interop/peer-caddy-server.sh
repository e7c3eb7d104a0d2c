#!/usr/bin/env bash
# Caddy, which is quic-go, from Debian $CADDY_SUITE (sid: 2.11). h3, files. It listens on the TCP port of the same number, too.
. "$(dirname "$0")/lib.sh"
CADDY_SUITE=${CADDY_SUITE:-sid}
INFO="alpn: h3 | every case but retry v2 zerortt"
install_peer() { debroot "$CADDY_SUITE" caddy; ENTER_ROOT=$PEERS_DIR/root-$CADDY_SUITE; }
parse_server "$@"; alpn h3
case $TESTCASE in retry|v2) unsupported ;; esac
[[ $HOST == *:* ]] && HOST="[$HOST]"
state=$(mktemp -d); trap 'rm -rf "$state"' EXIT
cat >"$state/c.json" <<X
{"admin":{"disabled":true},"apps":{"tls":{"certificates":{"load_files":[{"certificate":"$(hp "$CERT")","key":"$(hp "$KEY")"}]}},
 "http":{"servers":{"s":{"listen":["$HOST:$PORT"],"protocols":["h1","h2","h3"],"automatic_https":{"disable":true},
 "tls_connection_policies":[{"default_sni":"$SNI","fallback_sni":"$SNI"}],"routes":[{"handle":[{"handler":"file_server","root":"$(hp "$WWW")"}]}]}}}}}
X
in_root env XDG_DATA_HOME="$(hp "$state")" XDG_CONFIG_HOME="$(hp "$state")" HOME="$(hp "$state")" caddy run --config "$(hp "$state/c.json")"
