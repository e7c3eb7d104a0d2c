#!/usr/bin/env bash
# curl with HTTP/3 (ngtcp2 + nghttp3). CURL_SUITE=trixie: OpenSSL or GnuTLS as that suite's curl was built; sid has a newer one.
. "$(dirname "$0")/lib.sh"
CURL_SUITE=${CURL_SUITE:-trixie}
CASES="handshake transfer http3 multiplexing retry multiconnect rebind-port rebind-addr ipv6 amplificationlimit chacha20"
INFO="alpn: h3 | $CASES"
install_peer() { debroot "$CURL_SUITE" curl ca-certificates; ENTER_ROOT=$PEERS_DIR/root-$CURL_SUITE; }
parse_client "$@"; alpn h3
# shellcheck disable=SC2086
supports $CASES
[[ $HOST == *:* ]] && HOST="[$HOST]"
[[ ${SSLKEYLOGFILE:-} ]] && export SSLKEYLOGFILE=$(hp "$SSLKEYLOGFILE")
args=(-sS --http3-only --cacert "$(hp "$CA")" --max-time "$TIMEOUT" --connect-to "$SNI:$PORT:$HOST:$PORT" --fail)
[[ $TESTCASE == chacha20 ]] && args+=(--tls13-ciphers TLS_CHACHA20_POLY1305_SHA256)
go() { in_root curl "${args[@]}" "$@"; }
get=(); for p in "${PATHS[@]}"; do get+=(-o "$(hp "$DOWNLOADS")/$(basename "$p")" "https://$SNI:$PORT/$p"); done
case $TESTCASE in
  multiconnect) for ((i = 0; i < ${#get[@]}; i += 3)); do go "${get[@]:i:3}"; done ;;
  *) if [[ ${#PATHS[@]} -gt 1 ]]; then go --parallel --parallel-max 50 "${get[@]}"; else go "${get[@]}"; fi ;;
esac
got_all
