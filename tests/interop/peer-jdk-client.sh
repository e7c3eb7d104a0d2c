#!/usr/bin/env bash
# The JDK's own HTTP/3 client (JDK 26 or later: Debian $JDK_SUITE's openjdk-$JDK_VERSION-jdk-headless, or JAVA26=.../bin/java), with src/JdkH3Client.java.
. "$(dirname "$0")/lib.sh"
JDK_SUITE=${JDK_SUITE:-sid} JDK_VERSION=${JDK_VERSION:-26}
CASES="handshake transfer http3 multiplexing retry multiconnect rebind-port rebind-addr ipv6 amplificationlimit chacha20"
INFO="alpn: h3 | $CASES"
install_peer() { [[ ${JAVA26:-} ]] || { debroot "$JDK_SUITE" "openjdk-$JDK_VERSION-jdk-headless"; ENTER_ROOT=$PEERS_DIR/root-$JDK_SUITE; }; }
URL_HOST=${1:-}; parse_client "$@"; alpn h3
# shellcheck disable=SC2086
supports $CASES
[[ $HOST == *:* ]] && HOST="[$HOST]"
# a request that finds no stream within 0.4 s would get a connection of its own
options=(-Djdk.httpclient.http3.maxStreamLimitTimeout=60000); [[ $TESTCASE == chacha20 ]] && options+=(-Djdk.tls.client.cipherSuites=TLS_CHACHA20_POLY1305_SHA256)
if [[ ${JAVA26:-} ]]; then timeout "$TIMEOUT" "$JAVA26" "${options[@]}" "$HERE/src/JdkH3Client.java" "https://$HOST:$PORT/" "$CA" "$DOWNLOADS" "$TESTCASE" "${PATHS[@]}"
else in_root timeout "$TIMEOUT" java "${options[@]}" "$(hp "$HERE/src/JdkH3Client.java")" "https://$HOST:$PORT/" "$(hp "$CA")" "$(hp "$DOWNLOADS")" "$TESTCASE" "${PATHS[@]}"; fi
got_all
