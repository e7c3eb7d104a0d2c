#!/usr/bin/env bash
# This project's bin/quic interop as a client, data plane and handshake in its own process.
. "$(dirname "$0")/lib.sh"
CASES="handshake http3 transfer chacha20 resumption zerortt multiconnect multiplexing retry keyupdate ecn ipv6 amplificationlimit v2 versionnegotiation rebind-port rebind-addr connectionmigration"
INFO="alpn: hq-interop (any, as HTTP/0.9), h3 | $CASES"
install_peer() { QUIC=${QUIC:-$(realpath "$HERE/../../bin/quic")}; }
parse_client "$@"
# shellcheck disable=SC2086
supports $CASES
ROLE=client REQUESTS="${URLS[*]}" timeout "$TIMEOUT" "$QUIC" interop --alpn "$ALPN" --certs "$(dirname "$CA")" --connect "$HOST" --downloads "$DOWNLOADS" ${CLIENT_PARAMS:-}
got_all
