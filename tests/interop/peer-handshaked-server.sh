#!/usr/bin/env bash
# This project's bin/quic hq-server, see peer-handshaked-client.sh.
. "$(dirname "$0")/lib.sh"
INFO="alpn: hq-interop (any, as HTTP/0.9) | handshake transfer chacha20 resumption zerortt multiconnect multiplexing amplificationlimit ipv6"
install_peer() { QUIC=$(realpath "$HERE/../../bin/quic"); }
parse_server "$@"; [[ $ALPN == h3 ]] && unsupported h3
supports handshake transfer chacha20 resumption zerortt multiconnect multiplexing ipv6
[[ $HOST == *:* ]] && HOST="[$HOST]"
options=(--embedded --alpn "$ALPN" --cert "$CERT" --key "$KEY")
[[ $TESTCASE == chacha20 ]] && options+=(--cipher chacha20-poly1305)
[[ $TESTCASE == zerortt ]] && options+=(--zero-rtt)
[[ ${SSLKEYLOGFILE:-} ]] && options+=(--keylog)
exec "$QUIC" hq-server "${options[@]}" "$HOST:$PORT" "$WWW"
