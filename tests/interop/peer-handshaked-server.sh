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
# A congestion controller by name: "handshaked+CONTROLLER=reno".
serve=hq-server; [[ $ALPN != h3 ]] || serve=h3-server
[[ ${CONTROLLER:-} ]] && exec "$QUIC" "$serve" "$HOST:$PORT" "$WWW" --cert "$CERT" --key "$KEY" --embedded --cc "$CONTROLLER"
ROLE=server exec "$QUIC" interop --alpn "$ALPN" --certs "$(dirname "$CERT")" --www "$WWW" --listen "$HOST:$PORT" ${SERVER_PARAMS:-}
