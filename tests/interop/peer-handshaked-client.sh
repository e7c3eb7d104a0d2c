#!/usr/bin/env bash
# This project's bin/quic hq-get, data plane and handshake in its own process.
. "$(dirname "$0")/lib.sh"
INFO="alpn: hq-interop (any, as HTTP/0.9) | handshake transfer chacha20 resumption zerortt multiconnect multiplexing retry ipv6"
install_peer() { QUIC=$(realpath "$HERE/../../bin/quic"); }
parse_client "$@"; [[ $ALPN == h3 ]] && unsupported h3
supports handshake transfer chacha20 resumption zerortt multiconnect multiplexing retry ipv6 amplificationlimit
options=(--embedded --alpn "$ALPN" --ca "$CA" --connect "$HOST" -o "$DOWNLOADS")
[[ $TESTCASE == multiconnect ]] && options+=(--multiconnect)
[[ $TESTCASE == chacha20 ]] && options+=(--cipher chacha20-poly1305)
[[ ${SSLKEYLOGFILE:-} ]] && options+=(--keylog)
get() { timeout "$TIMEOUT" "$QUIC" hq-get "${options[@]}" "$@"; }
case $TESTCASE in
  resumption | zerortt)
    # Two connections of two processes: the session is in a file between them.
    session=$(mktemp -d); trap 'rm -rf "$session"' EXIT
    options+=(--json --session "$session/file")
    get "${URLS[0]}"
    [[ $TESTCASE == zerortt ]] && options+=(--zero-rtt)
    figures=$(get "${URLS[@]:1}"); echo "$figures"
    [[ $figures == *'"resumed":1,'* ]] || die "not resumed"
    [[ $TESTCASE == resumption || $figures == *'"early_data":1}'* ]] || die "early data was not accepted" ;;
  *) get "${URLS[@]}" ;;
esac
got_all
