#!/usr/bin/env bash
# veth.sh CASE [PEER | CLIENT:SERVER ...]: the interop runner's cases that netsim cannot do, between two network namespaces and a third that routes, over veth
# pairs, 10 Mbit/s each way by a token bucket (tbf) of the router's: this project against itself, as server to each PEER and as client of it, or those pairs alone. Needs root, iperf3, tcpdump and tshark.
#   crosstraffic         a download of 25 MB beside a TCP flow with cubic (netsim carries UDP alone)
#   connectionmigration  the client moves to the server's preferred address (which leads past netsim)
# Without netem there is no delay: the round trip is what waits in the queue of 25 packets, up to 30 ms. RESULTS=FILE as in matrix.sh.
# The queue must not be the sender's own: Linux lets a TCP socket have two or three packets in the queues of its machine (TCP small queues), UDP all of them.
set -uo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
case ${1:-} in crosstraffic | connectionmigration) t=$1; shift ;; *) sed -n 2,6p "$0"; exit 2 ;; esac
export PEERS_DIR=${PEERS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/quic-peers}
[[ $(id -u) == 0 ]] || { echo "- $t needs root, for network namespaces"; exit 1; }
for c in ip tc iperf3 tcpdump tshark; do command -v $c >/dev/null 2>&1 || { echo "- $t needs $c: apt-get install iproute2 iperf3 tcpdump tshark"; exit 1; }; done
case $t in crosstraffic) file=f25M size=25 secs=180 ct=transfer st=transfer ;; *) file=f2M size=2 secs=60 ct=transfer st=connectionmigration ;; esac
out=${OUT:-$(mktemp -d)}; mkdir -p "$out/www"
[[ -f $out/certs/cert.pem ]] || bash "$HERE/certs.sh" "$out/certs"
[[ -f $out/www/$file ]] || head -c $((size << 20)) /dev/urandom >"$out/www/$file"
ns=quic$$ bad=0 pids=()
start() { setsid "$@" & pids+=($!); }
stop() { for p in "${pids[@]:-}"; do [[ $p ]] && kill -- "-$p" 2>/dev/null; done; wait 2>/dev/null; pids=(); }
finish() { stop; for e in s r c; do ip netns del "$ns-$e" 2>/dev/null; done; }
trap finish EXIT
ip netns add "$ns-s" && ip netns add "$ns-r" && ip netns add "$ns-c" || { echo "- $t: no network namespaces here"; exit 1; }
for e in s:0:1 c:1:2; do
  IFS=: read -r end net host <<<"$e"
  ip link add name veth0 netns "$ns-$end" type veth peer name "to-$end" netns "$ns-r" || { echo "- $t: no veth here"; exit 1; }
  in="ip netns exec $ns-$end" router="ip netns exec $ns-r"
  $in ip link set lo up && $in ip addr add "10.99.$net.$host/24" dev veth0 && $in ip link set veth0 gso_max_segs 1 up || exit 1  # packets as on a wire, one by one
  $router ip addr add "10.99.$net.254/24" dev "to-$end" && $router ip link set "to-$end" gso_max_segs 1 up && $in ip route add default via "10.99.$net.254" || exit 1
  $router tc qdisc add dev "to-$end" root tbf rate 10mbit burst 4kb limit 37500 || { echo "- $t: no tbf here"; exit 1; }
done
ip netns exec "$ns-r" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward' || exit 1
offer=""; [[ $t == connectionmigration ]] && offer="--preferred 10.99.0.1:4434"
one() {  # one CLIENT SERVER
  local c=$1 s=$2 x=$out/$2-$1 rc t0 took r=- why="" figure="" said
  rm -rf "$x"; mkdir -p "$x/dl"
  start ip netns exec "$ns-s" env TESTCASE=$st SERVER_PARAMS="$offer" SSLKEYLOGFILE="$x/keys-server.log" "$HERE/peer-$s-server.sh" 10.99.0.1 4433 hq-interop "$out/certs/cert.pem" "$out/certs/priv.key" "$out/www" >"$x/server.log" 2>&1 </dev/null
  [[ $t == crosstraffic ]] && start ip netns exec "$ns-s" iperf3 -s -p 5201 >/dev/null 2>&1 </dev/null
  start ip netns exec "$ns-s" tcpdump -i veth0 -w "$x/server.pcap" -U udp >/dev/null 2>&1 </dev/null
  start ip netns exec "$ns-c" tcpdump -i veth0 -w "$x/client.pcap" -U udp >/dev/null 2>&1 </dev/null
  local _; for _ in $(seq 300); do ip netns exec "$ns-s" grep -q ":1151 " /proc/net/udp /proc/net/udp6 && { [[ $t != crosstraffic ]] || ip netns exec "$ns-s" grep -q ":1451 " /proc/net/tcp /proc/net/tcp6; } && break; sleep 0.2; done
  [[ $t == crosstraffic ]] && start ip netns exec "$ns-c" iperf3 -c 10.99.0.1 -p 5201 -R -C cubic -t 180 -J >"$x/tcp.json" 2>/dev/null </dev/null
  t0=$(date +%s%N)
  ip netns exec "$ns-c" env TESTCASE=$ct DOWNLOADS="$x/dl" TIMEOUT=$secs SSLKEYLOGFILE="$x/keys-client.log" "$HERE/peer-$c-client.sh" 10.99.0.1 4433 hq-interop "$out/certs/ca.pem" $file >"$x/client.log" 2>&1 </dev/null; rc=$?
  took=$((($(date +%s%N) - t0) / 1000000)); stop
  cat "$x"/keys-*.log >"$x/keys.log" 2>/dev/null
  if [[ $rc == 0 ]] && cmp -s "$x/dl/$file" "$out/www/$file"; then
    said=$(python3 "$HERE/check.py" $t "$x" 2>&1); figure=$(sed -n 's/^= //p' <<<"$said"); why=$(grep -v -e '^= ' -e '^$' <<<"$said" | head -2 | tr '\n' ' ')
    [[ $why ]] || r=+
  elif [[ $rc == 127 ]]; then r='?' why=client
  else why="exit $rc: $(tail -n 1 "$x/client.log" "$x/server.log" -q | tr '\n' ' ' | cut -c1-300)"; fi
  [[ $r == - ]] && bad=1
  printf '%s %-12s %-20s client %-28s server %-28s %6d ms  %s\n' "$r" hq-interop $t "$c" "$s" "$took" "$figure $why"
  [[ ${RESULTS:-} ]] && printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$r" $t "$c" "$s" "$took" "$figure" "$why" >>"$RESULTS"
  rm -rf "$x/dl"; [[ $r == + ]] && rm -f "$x"/*.pcap
}
pairs=("$@")
[[ ${1:-} == *:* ]] || { pairs=(handshaked:handshaked); for p; do pairs+=("$p:handshaked"); done; for p; do pairs+=("handshaked:$p"); done; }
for p in "${pairs[@]}"; do one "${p%:*}" "${p#*:}"; done
exit $bad
