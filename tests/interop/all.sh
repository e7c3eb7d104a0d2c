#!/usr/bin/env bash
# all.sh [TESTCASE...]: this project as client and as server against every foreign stack that speaks hq-interop here.
# A line per run, exit 1 if any failed. Default test cases: handshake, transfer (three files of megabytes in one connection), multiconnect,
# chacha20 (that suite alone offered or accepted), resumption, zerortt.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
peers=${PEERS:-aioquic deno kwik quiche openssl}
tests=${*:-handshake transfer multiconnect chacha20 resumption zerortt}
bad=0
"$here/matrix.sh" -s handshaked -c "$peers handshaked" -t "$tests" || bad=1
"$here/matrix.sh" -s "$peers" -c handshaked -t "$tests" || bad=1
exit $bad
