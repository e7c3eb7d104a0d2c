#!/usr/bin/env bash
# This project's bin/quic interop as a server, see peer-handshaked-client.sh.
. "$(dirname "$0")/lib.sh"
CASES="handshake http3 transfer chacha20 resumption zerortt multiconnect multiplexing retry keyupdate ecn ipv6 v2 versionnegotiation rebind-port rebind-addr connectionmigration"
INFO="alpn: hq-interop (any, as HTTP/0.9), h3 | $CASES"
install_peer() { QUIC=${QUIC:-$(realpath "$HERE/../../bin/quic")}; }
parse_server "$@"
# shellcheck disable=SC2086
supports $CASES
[[ $HOST == *:* ]] && HOST="[$HOST]"
ROLE=server exec "$QUIC" interop --alpn "$ALPN" --certs "$(dirname "$CERT")" --www "$WWW" --listen "$HOST:$PORT" ${SERVER_PARAMS:-}
