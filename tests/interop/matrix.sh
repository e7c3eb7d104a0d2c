#!/usr/bin/env bash
# matrix.sh: clients x servers x test cases on loopback, through netsim where the case needs a bad network.
#   matrix.sh [-a ALPN] [-s "SERVER..."] [-c "CLIENT..."] [-t "TESTCASE..."] [-p DIR]... [-o OUTDIR]
# A peer NAME is peer-NAME-client.sh / peer-NAME-server.sh here or in a -p DIR (a project's own peers go there). NAME may carry
# settings: "ngtcp2+NGTCP2=built+NGTCP2_TLS=ossl". CHECK=1 sends every case through netsim and checks the captures as the runner does (check.py, tshark).
# REBIND=MS: when the first rebinding comes (the runner: 1000). A machine that needs longer for a handshake needs more.
# FULL=1: as many and as large files as the runner's; CONNS=N: only N connections where it makes 50. RESULTS=FILE: a line a run is appended there, with tabs, for table.py.
#  One line per run: + passed, ? not supported, - failed; exit 1 if any failed.
set -uo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
alpn=hq-interop servers="" clients="" tests="handshake transfer retry resumption zerortt keyupdate chacha20 v2 multiconnect" dirs=("$HERE") out=""
while getopts a:s:c:t:p:o: o; do case $o in a) alpn=$OPTARG ;; s) servers=$OPTARG ;; c) clients=$OPTARG ;; t) tests=$OPTARG ;; p) dirs=("$OPTARG" "${dirs[@]}") ;; o) out=$OPTARG ;; *) exit 2 ;; esac; done
[[ $servers && $clients ]] || { sed -n 2,9p "$0"; exit 2; }
export PEERS_DIR=${PEERS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/quic-peers}; mkdir -p "$PEERS_DIR"
out=${out:-$(mktemp -d)}; mkdir -p "$out/www"
[[ -f $out/certs/cert.pem ]] || bash "$HERE/certs.sh" "$out/certs"
[[ -f $out/chain9/cert.pem ]] || bash "$HERE/certs.sh" "$out/chain9" 9
netsim=$out/netsim
need_netsim() { [[ -x $netsim ]] || cc -O2 -o "$netsim" "$HERE/netsim/netsim.c" || { echo "- no netsim: apt-get install gcc libc6-dev"; exit 1; }; }
for f in 1K:1024 5K:5120 10K:10240 100K:102400 1M:1048576 2M:2097152 3M:3145728 5M:5242880 10M:10485760; do [[ -f $out/www/f${f%:*} ]] || head -c "${f#*:}" /dev/urandom >"$out/www/f${f%:*}"; done
long=$(printf 'n%.0s' $(seq 246)); for i in $(seq 100 139); do [[ -f $out/www/$i-$long ]] || head -c 32 /dev/urandom >"$out/www/$i-$long"; done
wire=$out/Wire.class java=${JAVA_HOME:+$JAVA_HOME/bin/}
[[ $wire -nt $HERE/src/Wire.java ]] || "${java}javac" -d "$out" "$HERE/src/Wire.java" || { echo "- no javac: set JAVA_HOME to a JDK"; exit 1; }
command -v tshark >/dev/null 2>&1 || [[ -z ${CHECK:-} ]] || { echo "- CHECK needs tshark: apt-get install tshark"; exit 1; }
small=199 conns=10; [[ ${FULL:-} ]] && small=1998 conns=50
conns=$((${CONNS:-$conns} - 1))   # last index, as small
bound() { local _; for _ in $(seq 600); do grep -q ":$(printf %04X "$1") " /proc/net/udp /proc/net/udp6 2>/dev/null && return; kill -0 "$2" 2>/dev/null || return; sleep 0.1; done; }
for i in $(seq 0 $small); do [[ -f $out/www/s$i ]] || head -c 32 /dev/urandom >"$out/www/s$i"; done
find_peer() { local d; for d in "${dirs[@]}"; do [[ -f $d/peer-${1%%+*}-$2.sh ]] && { echo "$d/peer-${1%%+*}-$2.sh"; return; }; done; return 1; }
settings() { [[ $1 == *+* ]] && tr '+' '\n' <<<"${1#*+}"; true; }
record() { local IFS=$'\t'; [[ ${RESULTS:-} ]] && echo "$*" >>"$RESULTS"; true; }
rebind=${REBIND:-1000}
LINK="--delay 15 --rate 10M --queue 25"   # the interop runner's link
pids=(); cleanup() { for p in "${pids[@]:-}"; do [[ $p ]] && kill -- "-$p" 2>/dev/null; done; pids=(); }
trap cleanup EXIT
start() { setsid "$@" & pids+=($!); }
port=$((20000 + RANDOM % 20000)); bad=0
for s in $servers; do for t in $tests; do
  ss=$(find_peer "$s" server) || { echo "- no server $s"; bad=1; continue; }
  # case: the name the peers are told (client, server), files, network
  ct=$t st=$t files="f10K" net="" crt=certs host=127.0.0.1 secs=${SECS:-60}
  case $t in
    handshake) files=f1K ;; transfer) files="f2M f3M f5M" ;; longrtt) ct=handshake st=handshake files=f1K net="--delay 750 --rate 10M --queue 25" ;;
    multiplexing) files=$(seq -f s%g 0 $small) ct=transfer st=transfer ;; chacha20|keyupdate) files=f3M st=${st/keyupdate/transfer} ;; resumption) files="f5K f10K" ;; zerortt) files=$(seq -f "%g-$long" 100 139) ;;
    http3) files="f5K f10K f1M" ;; v2) files=f1K ;; versionnegotiation) files=f1K st=handshake ;; connectionmigration) files=f2M st=transfer ;; retry) files=f10K ;; ecn) files=f100K ;; ipv6) ct=transfer st=transfer files="f5K f10K" net=$LINK host=::1 ;; multiconnect) files="f1K f5K f10K f1M" ;;
    amplificationlimit) ct=transfer st=transfer files=f5K crt=chain9 net="--delay 15 --rate 10M --queue 25 --drop-up 2-7" ;;
    blackhole) ct=transfer st=transfer files=f10M net="$LINK --blackhole-at 5000+2000" ;;
    handshakeloss) ct=multiconnect st=multiconnect files="$(seq -f s%g 0 $conns)" net="$LINK --loss 30 --loss-burst 3" secs=$((5 * ${SECS:-60})) ;;
    transferloss) ct=transfer st=transfer files=f2M net="$LINK --loss 2 --loss-burst 3" ;;
    handshakecorruption) ct=multiconnect st=multiconnect files="$(seq -f s%g 0 $conns)" net="$LINK --corrupt 30 --corrupt-burst 3" secs=$((5 * ${SECS:-60})) ;;
    transfercorruption) ct=transfer st=transfer files=f2M net="$LINK --corrupt 2 --corrupt-burst 3" ;;
    rebind-port) ct=transfer st=transfer files=f10M net="$LINK --rebind-first $rebind --rebind-every 5000" ;;
    rebind-addr) ct=transfer st=transfer files=f10M net="$LINK --rebind-first $rebind --rebind-every 5000 --rebind-addr 127.0.0.1,127.0.0.2,127.0.0.3,127.0.0.4" ;;
    reorder) ct=transfer st=transfer files=f2M net="--delay 15 --jitter 8 --reorder 5 --reorder-delay 20 --dup 2" ;;
    stray) ct=transfer st=transfer files=f2M net="--delay 5 --inject 5 --truncate 1" ;;
    ce) ct=transfer st=transfer files=f2M net="$LINK --ce 1" ;;
    bleach) ct=transfer st=transfer files=f2M net="--delay 5 --ecn bleach" ;;
    lossygoodput) ct=transfer st=transfer files=f10M net="--delay 25 --loss 1" ;;
    goodput) ct=transfer st=transfer files=f10M net="$LINK" ;;
  esac
  [[ ( ${CHECK:-} || $t == connectionmigration ) && -z $net ]] && net=$LINK
  [[ $net ]] && need_netsim
  url=$host; [[ $host == *:* ]] && url="[$host]"
  port=$((port + 2)); d=$out/$s/$t; mkdir -p "$d"; rm -f "$d/keys.log"
  mapfile -t senv < <(settings "$s")
  start env TESTCASE="$st" "${senv[@]}" SSLKEYLOGFILE="${KEYLOG:+$d/keys.log}${CHECK:+$d/keys.log}" "$ss" "$host" "$port" "$alpn" "$out/$crt/cert.pem" "$out/$crt/priv.key" "$out/www" >"$d/server.log" 2>&1 </dev/null; spid=${pids[-1]}
  bound "$port" "$spid"
  sleep 0.3
  if ! kill -0 "$spid" 2>/dev/null; then
    wait "$spid"; rc=$?; cleanup
    for c in $clients; do if [[ $rc == 127 ]]; then record '?' "$t" "$c" "$s" 0 "" "server"; else record - "$t" "$c" "$s" 0 "" "the server ended with $rc"; fi; done
    if [[ $rc == 127 ]]; then printf '? %-12s %-20s server %-28s not supported\n' "$alpn" "$t" "$s"
    else printf -- '- %-12s %-20s server %-28s ended with %s: %s\n' "$alpn" "$t" "$s" "$rc" "$(tail -n 1 "$d/server.log" | cut -c1-300)"; bad=1; fi
    continue
  fi
  for c in $clients; do
    cs=$(find_peer "$c" client) || { echo "- no client $c"; bad=1; continue; }
    mapfile -t cenv < <(settings "$c")
    x=$d/$c; rm -rf "$x"; mkdir -p "$x/dl"; to=$port
    if [[ $net ]]; then to=$((port + 1)); start "$netsim" -l "$url:$to" -t "$url:$port" $net --log "$x/netsim.tsv" --pcap-client "$x/client.pcap" --pcap-server "$x/server.pcap" >/dev/null 2>"$x/netsim.json" </dev/null; npid=${pids[-1]}; sleep 0.1; fi
    # what the wire says of these is read by a relay, unless netsim is in the way
    wpid=""; case $t in handshake|resumption|zerortt|chacha20) [[ $net ]] || { to=$((port + 1)); start "${java}java" -Xshare:auto -cp "$out" Wire "$to" "$port" "$t" "$x/wire.txt" >/dev/null 2>"$x/wire.err" </dev/null; wpid=${pids[-1]}; bound "$to" "$wpid"; } ;; esac
    t0=$(date +%s%N)
    env TESTCASE="$ct" DOWNLOADS="$x/dl" TIMEOUT=$secs SSLKEYLOGFILE="${KEYLOG:+$x/keys-client.log}${CHECK:+$x/keys-client.log}" "${cenv[@]}" timeout $((secs + 10)) "$cs" "$host" "$to" "$alpn" "$out/$crt/ca.pem" $files >"$x/client.log" 2>&1 </dev/null; rc=$?
    took=$((($(date +%s%N) - t0) / 1000000))
    [[ $net ]] && { kill "$npid" 2>/dev/null; wait "$npid" 2>/dev/null; }
    [[ $wpid ]] && { kill "$wpid" 2>/dev/null; wait "$wpid" 2>/dev/null; }
    cat "$x/keys-client.log" "$d/keys.log" >"$x/keys.log" 2>/dev/null
    r=-; why="exit $rc" figure=""
    if [[ $rc == 127 ]]; then r='?'; why=client
    elif [[ $rc == 0 ]]; then r=+ why=""; for f in $files; do cmp -s "$x/dl/$f" "$out/www/$f" || { r=- why="wrong or no $f"; }; done; fi
    if [[ $r == + && $wpid ]]; then why=$(grep ^FAIL "$x/wire.txt" | tr '\n' ' '); [[ $why || ! -s $x/wire.txt ]] && { r=-; why=${why:-no report of the relay}; }; fi
    [[ $ct == multiconnect ]] && { wc -w <<<"$files" >"$x/connections"; figure="$(cat "$x/connections") in $((took / 1000)) s"; }
    if [[ $r == + && ${CHECK:-} ]]; then said=$(python3 "$HERE/check.py" "$t" "$x" 2>&1); figure+=$(sed -n 's/^= //p' <<<"$said"); why=$(grep -v -e '^= ' -e '^$' <<<"$said" | head -2 | tr '\n' ' '); [[ $why ]] && r=-; fi
    [[ $r == - ]] && { bad=1; why+=": $(tail -n 1 "$x/client.log" "$d/server.log" -q 2>/dev/null | tr '\n\t' '  ' | cut -c1-300)"; }
    printf '%s %-12s %-20s client %-28s server %-28s %6d ms  %s\n' "$r" "$alpn" "$t" "$c" "$s" "$took" "$figure $why"
    record "$r" "$t" "$c" "$s" "$took" "$figure" "$why"
    rm -rf "$x/dl"; [[ $r == - || ${KEEP:-} ]] || rm -f "$x"/*.pcap "$x/netsim.tsv"
  done
  cleanup
done; done
[[ ${KEEP:-} || $bad == 1 ]] && echo "logs: $out"
exit $bad
