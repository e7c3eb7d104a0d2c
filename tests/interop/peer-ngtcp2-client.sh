#!/usr/bin/env bash
# ngtcp2's example client with GnuTLS from Debian $NGTCP2_SUITE (trixie: 1.11), h3.
. "$(dirname "$0")/lib.sh"
NGTCP2_SUITE=${NGTCP2_SUITE:-trixie}
CASES="handshake transfer http3 multiplexing resumption zerortt keyupdate chacha20 v2 ecn retry multiconnect versionnegotiation rebind-port rebind-addr connectionmigration amplificationlimit ipv6"
INFO="alpn: h3 | $CASES"
install_peer() { debroot "$NGTCP2_SUITE" ngtcp2-client; ENTER_ROOT=$PEERS_DIR/root-$NGTCP2_SUITE; }
parse_client "$@"; alpn h3
# shellcheck disable=SC2086
supports $CASES
state=$(mktemp -d); trap 'rm -rf "$state"' EXIT
args=(-q --download "$(hp "$DOWNLOADS")" --exit-on-all-streams-close --timeout="${TIMEOUT}s" --handshake-timeout=50s --sni "$SNI")
[[ ${SSLKEYLOGFILE:-} ]] && export SSLKEYLOGFILE=$(hp "$SSLKEYLOGFILE")
[[ ${QLOGDIR:-} ]] && args+=(--qlog-dir "$(hp "$QLOGDIR")")
case $TESTCASE in
  chacha20) args+=(--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+CHACHA20-POLY1305) ;;
  keyupdate) args+=(--delay-stream 10ms --key-update 1ms) ;;
  v2) args+=(--available-versions v2,v1) ;;
  versionnegotiation) args+=(-v 0xaaaaaaaa) ;;
  connectionmigration) args+=(--change-local-addr 100ms --delay-stream 1ms) ;;
esac
go() { in_root gtlsclient "${args[@]}" "$HOST" "$PORT" "$@"; }
case $TESTCASE in
  resumption|zerortt)
    args+=(--session-file "$(hp "$state")/session" --tp-file "$(hp "$state")/tp" --token-file "$(hp "$state")/token" --wait-for-ticket)
    [[ $TESTCASE == resumption ]] && args+=(--disable-early-data)
    go "${URLS[0]}"; [[ -s $state/session ]] || die "no session ticket"
    [[ ${#URLS[@]} -gt 1 ]] && go "${URLS[@]:1}" ;;
  multiconnect) for u in "${URLS[@]}"; do go "$u"; done ;;
  *) go "${URLS[@]}" ;;
esac
got_all
