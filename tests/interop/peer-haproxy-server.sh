#!/usr/bin/env bash
# HAProxy with its own QUIC stack (Debian $HAPROXY_SUITE; trixie 3.0 on OpenSSL's compatibility layer, no 0-RTT; sid 3.2) in front
# of a plain HTTP/1.1 server of files, Python's with room for many at once. h3.
. "$(dirname "$0")/lib.sh"
HAPROXY_SUITE=${HAPROXY_SUITE:-sid}
INFO="alpn: h3 | handshake transfer http3 multiplexing resumption keyupdate chacha20 retry multiconnect rebind-port rebind-addr amplificationlimit ipv6 versionnegotiation"
install_peer() { debroot "$HAPROXY_SUITE" haproxy python3; ENTER_ROOT=$PEERS_DIR/root-$HAPROXY_SUITE; }
parse_server "$@"; alpn h3
[[ $TESTCASE == v2 ]] && unsupported
state=$(mktemp -d); trap 'rm -rf "$state"; kill $web 2>/dev/null' EXIT
cat "$CERT" "$KEY" >"$state/all.pem"
back=$((PORT + 7))
cat >"$state/files.py" <<X
import functools, http.server
class Files(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 1024
Server(("127.0.0.1", $back), functools.partial(Files, directory="$(hp "$WWW")")).serve_forever()
X
in_root python3 "$(hp "$state/files.py")" >"$state/files.log" 2>&1 & web=$!
cat >"$state/h.cfg" <<X
global
  limited-quic
  $([[ $TESTCASE == chacha20 ]] && echo "ssl-default-bind-ciphersuites TLS_CHACHA20_POLY1305_SHA256")
defaults
  mode http
  timeout client 60s
  timeout server 60s
  timeout connect 5s
frontend f
  bind quic$([[ $HOST == *:* ]] && echo 6 || echo 4)@$HOST:$PORT ssl crt $(hp "$state/all.pem") alpn h3 allow-0rtt $([[ $TESTCASE == retry ]] && echo quic-force-retry)
  default_backend b
backend b
  server s 127.0.0.1:$back maxconn 50
X
in_root haproxy -db -f "$(hp "$state/h.cfg")"
