#!/usr/bin/env bash
# This project's bin/quic hq-get, data plane and handshake in its own process.
. "$(dirname "$0")/lib.sh"
INFO="alpn: hq-interop (any, as HTTP/0.9) | handshake transfer chacha20 multiconnect multiplexing retry ipv6"
install_peer() { QUIC=$(realpath "$HERE/../../bin/quic"); }
parse_client "$@"; [[ $ALPN == h3 ]] && unsupported h3
supports handshake transfer chacha20 multiconnect multiplexing retry ipv6 amplificationlimit
options=(--embedded --alpn "$ALPN" --ca "$CA" --connect "$HOST" -o "$DOWNLOADS")
[[ $TESTCASE == multiconnect ]] && options+=(--multiconnect)
[[ $TESTCASE == chacha20 ]] && options+=(--cipher chacha20-poly1305)
timeout "$TIMEOUT" "$QUIC" hq-get "${options[@]}" "${URLS[@]}"
got_all
