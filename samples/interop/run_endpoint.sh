#!/bin/bash
# What the QUIC interop runner starts in each container. ROLE, TESTCASE, REQUESTS, SSLKEYLOGFILE, /certs, /www and /downloads are read by
# "quic interop"; CLIENT_PARAMS and SERVER_PARAMS are more of its options. Exit code 127: the test case is not supported.
# Without a container: ROLE=... TESTCASE=... CERTS=dir WWW=dir DOWNLOADS=dir samples/interop/run_endpoint.sh
set -euo pipefail
quic=${QUIC:-$(dirname "$(readlink -f "$0")")/../../bin/quic}
# Routes through the simulator; not there outside its network.
if [[ -x /setup.sh ]]; then /setup.sh; fi
case ${ROLE:-} in
  client)
    if [[ -x /wait-for-it.sh ]]; then /wait-for-it.sh sim:57832 -s -t 30; fi
    params=${CLIENT_PARAMS:-} ;;
  server) params=${SERVER_PARAMS:-} ;;
  *) echo "run_endpoint.sh: ROLE is client or server, not '${ROLE:-}'" >&2; exit 2 ;;
esac
# Several words on purpose.
# shellcheck disable=SC2086
exec "$quic" interop $params
