#!/usr/bin/env bash
# nginx with its own QUIC stack (Debian $NGINX_SUITE; trixie 1.26, sid 1.30). h3 files.
. "$(dirname "$0")/lib.sh"
NGINX_SUITE=${NGINX_SUITE:-trixie}
INFO="alpn: h3 | handshake transfer http3 multiplexing resumption keyupdate chacha20 retry multiconnect rebind-port rebind-addr amplificationlimit ipv6 connectionmigration versionnegotiation"
install_peer() { debroot "$NGINX_SUITE" nginx; ENTER_ROOT=$PEERS_DIR/root-$NGINX_SUITE; }
parse_server "$@"; alpn h3
[[ $TESTCASE == v2 ]] && unsupported
state=$(mktemp -d); trap 'rm -rf "$state"' EXIT
ciphers=""; [[ $TESTCASE == chacha20 ]] && ciphers="ssl_conf_command Ciphersuites TLS_CHACHA20_POLY1305_SHA256;"
cat >"$state/n.conf" <<X
daemon off; master_process off; user root; pid $(hp "$state")/pid; error_log stderr notice;
events {}
http {
  access_log off; keepalive_requests 10000; client_body_temp_path $(hp "$state")/b; proxy_temp_path $(hp "$state")/p; fastcgi_temp_path $(hp "$state")/f; uwsgi_temp_path $(hp "$state")/u; scgi_temp_path $(hp "$state")/s;
  server {
    listen $([[ $HOST == *:* ]] && echo "[$HOST]" || echo "$HOST"):$PORT quic; root $(hp "$WWW");
    ssl_certificate $(hp "$CERT"); ssl_certificate_key $(hp "$KEY"); ssl_protocols TLSv1.3; $ciphers
    ssl_early_data on; quic_gso off; quic_retry $([[ $TESTCASE == retry ]] && echo on || echo off); ssl_session_tickets on;
  }
}
X
in_root nginx -e stderr -c "$(hp "$state/n.conf")"
