#!/usr/bin/env bash
# table.sh [CASE...] (all.sh --table): this project as client and as server against every foreign stack, with HTTP/3 against those that speak nothing else, in every case of the QUIC interop runner (or in
# these), with its files, network and capture checks, one cell at a time, short cases first; writes docs/INTEROP.md. It takes about two hours.
#   CELLS=DIR     a file a cell, a line a run in it (default tests/interop/target/cells). A cell that is there is not run again, so an interrupted
#                 command goes on where it was; a cell that another such command has in hand is left to it.
#   AGAIN=WHAT    runs again: all, failed, or a pattern of CASE--CLIENT--SERVER ("rebind-*--kwik--*")
#   TRIES=3       how often a cell is run until it passes; the table says how many it took
#   PEERS="..."   only these peers        PRINT=1  no runs, only the table        REMARK=TEXT  is printed below the tables
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cells=$(realpath -m "${CELLS:-$here/target/cells}")
h3="ngtcp2 curl jdk nginx haproxy caddy"   # these speak HTTP/3 alone
peers=${PEERS:-handshaked aioquic deno openssl kwik quiche $h3}
cases=${*:-handshake http3 retry ipv6 chacha20 v2 versionnegotiation resumption zerortt ecn amplificationlimit keyupdate longrtt transferloss transfercorruption multiconnect transfer connectionmigration goodput blackhole rebind-port rebind-addr multiplexing crosstraffic handshakeloss handshakecorruption}
tries=${TRIES:-3}
export CHECK=1 FULL=1
mkdir -p "$cells/failed"
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
build=$(git -C "$root" log -1 --format='%h of %cs' 2>/dev/null || echo unknown)
[[ -z $(git -C "$root" status --porcelain --untracked-files=no -- '*.java' '*.xml' '*.c' 2>/dev/null) ]] || build+=" with changes"

# attempt CASE CLIENT SERVER FILE: one run; its line, with the build and the time, goes to the end of the cell's file
attempt() {
  local t=$1 c=$2 s=$3 file=$4 line logs n
  export RESULTS=$out/line.$$
  : >"$RESULTS"
  if [[ $t == crosstraffic || $t-$c == connectionmigration-$s ]]; then
    OUT=$out/veth logs=$out/veth/$s-$c; export OUT
    "$here/veth.sh" "$t" "$c:$s"
  else
    logs=$out/$s/$t
    local alpn=hq-interop
    [[ " $h3 " != *" $c "* && " $h3 " != *" $s "* ]] || alpn=h3
    "$here/matrix.sh" -a $alpn -o "$out" -s "$s" -c "$c" -t "$t"
  fi
  line=$(tail -n 1 "$RESULTS")
  [[ $line ]] || line="-"$'\t'"$t"$'\t'"$c"$'\t'"$s"$'\t'"0"$'\t'$'\t'"the script ended early"
  printf '%s\t%s\t%s\n' "$line" "$build" "$(date -u +%FT%H:%MZ)" >>"$file"
  rm -f "$RESULTS"
  if [[ $line == -* && -d $logs ]]; then
    n=$cells/failed/$t--$c--$s.$(wc -l <"$file")
    rm -rf "$n"; cp -a "$logs" "$n"
  fi
}

# cell CASE CLIENT SERVER UPTO: runs it until it passed or has this many runs; nothing for what table.py knows a peer to lack
cell() {
  local t=$1 c=$2 s=$3 upto=$4 file=$cells/$1--$2--$3.tsv
  exec 7>>"$cells/.lock-$t--$c--$s"
  flock -n 7 || return 0
  while [[ ! -s $file || $(tail -n 1 "$file") == -* ]] && [[ ! -f $file || $(wc -l <"$file") -lt $upto ]]; do attempt "$t" "$c" "$s" "$file"; done
  exec 7>&-
}

# shellcheck disable=SC2086
list=$(python3 "$here/table.py" --cells "$cases" $peers) || exit 1
if [[ -z ${PRINT:-} ]]; then
  case ${AGAIN:-} in
    "") ;;
    *) while read -r t c s; do
         f=$cells/$t--$c--$s.tsv
         [[ -f $f ]] || continue
         # shellcheck disable=SC2053
         if [[ $AGAIN == all || ( $AGAIN == failed && $(tail -n 1 "$f") == -* ) || $t--$c--$s == $AGAIN ]]; then rm -f "$f"; fi
       done <<<"$list" ;;
  esac
  # every cell once, then what failed again
  for upto in $(seq "$tries"); do
    while read -r t c s; do cell "$t" "$c" "$s" "$upto" </dev/null; done <<<"$list"
  done
fi
cat "$cells"/*.tsv >"$cells/all" 2>/dev/null
python3 "$here/table.py" "$cells/all" >"$cells/INTEROP.md" && cp "$cells/INTEROP.md" "$root/docs/INTEROP.md" && echo "wrote docs/INTEROP.md from $cells"
! grep -q FAILED "$root/docs/INTEROP.md"
