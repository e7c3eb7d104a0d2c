#!/usr/bin/env bash
# all.sh [TESTCASE...]: this project as client and as server against every foreign stack that speaks hq-interop here.
# A line per run, exit 1 if any failed. Default test cases: handshake, transfer (three files of megabytes in one connection), multiconnect,
# chacha20 (that suite alone offered or accepted), resumption, zerortt.
# all.sh --table [TESTCASE...]: by default every case of the QUIC interop runner, with its files, network and capture checks (needs tshark); writes
# docs/INTEROP.md. It takes more than an hour. What RESULTS=FILE already has from an earlier run stays, unless it is run again. REMARK=TEXT is
# printed below the tables.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
peers=${PEERS:-aioquic deno kwik quiche openssl}
table=""; [[ ${1:-} == --table ]] && { table=1; shift; }
tests=${*:-handshake transfer multiconnect chacha20 resumption zerortt}
if [[ $table ]]; then
  tests=${*:-handshake transfer longrtt chacha20 multiplexing retry resumption zerortt blackhole keyupdate amplificationlimit handshakeloss transferloss handshakecorruption transfercorruption ipv6 v2 versionnegotiation rebind-port rebind-addr connectionmigration multiconnect goodput crosstraffic}
  export CHECK=1 FULL=1 RESULTS=${RESULTS:-$(mktemp)}
fi
bad=0
run() { "$here/matrix.sh" "$@" || bad=1; }
run -s handshaked -c "$peers handshaked" -t "${tests/crosstraffic/}"
run -s "$peers" -c handshaked -t "${tests/crosstraffic/}"
if [[ " $tests " == *" crosstraffic "* ]]; then "$here/veth.sh" crosstraffic $peers || bad=1; fi
if [[ " $tests " == *" connectionmigration "* ]]; then "$here/veth.sh" connectionmigration || bad=1; fi
if [[ $table ]]; then python3 "$here/table.py" "$RESULTS" >"$here/../../docs/INTEROP.md" && echo "wrote docs/INTEROP.md from $RESULTS"; fi
exit $bad
