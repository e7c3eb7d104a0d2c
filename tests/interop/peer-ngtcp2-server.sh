#!/usr/bin/env bash
# ngtcp2's example server with GnuTLS, see peer-ngtcp2-client.sh.
. "$(dirname "$0")/lib.sh"
NGTCP2_SUITE=${NGTCP2_SUITE:-trixie}
INFO="alpn: h3 | every case"
install_peer() { debroot "$NGTCP2_SUITE" ngtcp2-server; ENTER_ROOT=$PEERS_DIR/root-$NGTCP2_SUITE; }
parse_server "$@"; alpn h3
args=(-q -d "$(hp "$WWW")" --handshake-timeout=50s)
[[ ${SSLKEYLOGFILE:-} ]] && export SSLKEYLOGFILE=$(hp "$SSLKEYLOGFILE")
[[ ${QLOGDIR:-} ]] && args+=(--qlog-dir "$(hp "$QLOGDIR")")
case $TESTCASE in
  retry) args+=(-V) ;;
  v2) args+=(--preferred-versions v2) ;;
  chacha20) args+=(--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+CHACHA20-POLY1305) ;;
esac
in_root /usr/sbin/gtlsserver "${args[@]}" "$HOST" "$PORT" "$(hp "$KEY")" "$(hp "$CERT")"
