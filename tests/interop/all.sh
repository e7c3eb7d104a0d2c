#!/usr/bin/env bash
# all.sh [TESTCASE...]: this project as client and as server against every foreign stack that speaks hq-interop here.
# A line per run, exit 1 if any failed. Default test cases: handshake, transfer (three files of megabytes in one connection), multiconnect,
# chacha20 (that suite alone offered or accepted), resumption, zerortt.
# all.sh --h3 [TESTCASE...]: the same with HTTP/3 against those that speak nothing else: clients ngtcp2, curl, the JDK's, servers ngtcp2, nginx, HAProxy, Caddy.
# all.sh --table [CASE...]: every case of the QUIC interop runner, with its files, network and capture checks (needs tshark), into docs/INTEROP.md: table.sh.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
peers=${PEERS:-aioquic deno kwik quiche openssl}
[[ ${1:-} != --table ]] || exec "$here/table.sh" "${@:2}"
if [[ ${1:-} == --h3 ]]; then
  tests=${*:2}; tests=${tests:-handshake http3 transfer multiconnect chacha20 resumption}
  bad=0
  "$here/matrix.sh" -a h3 -s handshaked -c "${CLIENTS:-ngtcp2 curl jdk}" -t "$tests" || bad=1
  "$here/matrix.sh" -a h3 -s "${SERVERS:-ngtcp2 nginx haproxy caddy}" -c handshaked -t "$tests" || bad=1
  exit $bad
fi
tests=${*:-handshake transfer multiconnect chacha20 resumption zerortt}
bad=0
run() { "$here/matrix.sh" "$@" || bad=1; }
run -s handshaked -c "$peers handshaked" -t "${tests/crosstraffic/}"
run -s "$peers" -c handshaked -t "${tests/crosstraffic/}"
if [[ " $tests " == *" crosstraffic "* ]]; then "$here/veth.sh" crosstraffic $peers || bad=1; fi
if [[ " $tests " == *" connectionmigration "* ]]; then "$here/veth.sh" connectionmigration || bad=1; fi
exit $bad
