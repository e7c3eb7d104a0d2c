#!/usr/bin/env python3
"""table.py RESULTS: the runs that table.sh appended to files of cells, as docs/INTEROP.md on standard output. Of several runs of the same the last one counts, and the cell says how many of that build there were. REMARK: what else is to be said of these runs.
table.py --cells "CASE..." PEER...: the cells to run, a line each."""
import os
import subprocess
import sys

OURS = "handshaked"
PEERS = {"aioquic": "aioquic", "kwik": "kwik", "deno": "Deno (quinn)", "openssl": "OpenSSL", "quiche": "quiche", OURS: "ourselves"}
# Those that speak HTTP/3 alone, and the roles they have.
H3_PEERS = {"ngtcp2": "ngtcp2", "curl": "curl (ngtcp2)", "jdk": "JDK", "nginx": "nginx", "haproxy": "HAProxy", "caddy": "Caddy (quic-go)"}
CLIENTS_ONLY = ("curl", "jdk")
SERVERS_ONLY = ("nginx", "haproxy", "caddy")
NAMES = PEERS | H3_PEERS
CASES = ["handshake", "http3", "transfer", "longrtt", "chacha20", "multiplexing", "retry", "resumption", "zerortt", "blackhole", "keyupdate", "ecn", "amplificationlimit",
         "handshakeloss", "transferloss", "handshakecorruption", "transfercorruption", "ipv6", "v2", "versionnegotiation", "rebind-port", "rebind-addr",
         "connectionmigration", "multiconnect", "goodput", "crosstraffic"]
# What a peer does not have, so that there is nothing to run: (peer, its role or *, case) -> what. A cell that is run and fails is a failure.
LACKS = {
    ("deno", "client", "chacha20"): "Deno does not let a program choose cipher suites",
    ("deno", "*", "v2"): "quinn has no version 2",
    ("deno", "client", "versionnegotiation"): "Deno does not let a program choose versions",
    ("deno", "client", "keyupdate"): "Deno does not let a program update keys",
    ("deno", "server", "retry"): "Deno's server does not send Retry",
    ("deno", "client", "connectionmigration"): "Deno's clients do not move for programs",
    ("openssl", "*", "zerortt"): "OpenSSL's QUIC has no 0-RTT",
    ("openssl", "*", "keyupdate"): "OpenSSL does not let a program update keys",
    ("openssl", "*", "v2"): "OpenSSL's QUIC has no version 2",
    ("openssl", "client", "versionnegotiation"): "OpenSSL's QUIC has version 1 alone",
    ("openssl", "*", "ecn"): "OpenSSL's QUIC marks nothing",
    ("openssl", "*", "rebind-port"): "OpenSSL's QUIC does not migrate",
    ("openssl", "*", "rebind-addr"): "OpenSSL's QUIC does not migrate",
    ("openssl", "*", "connectionmigration"): "OpenSSL's QUIC does not migrate",
    ("quiche", "*", "resumption"): "the npm package has no sessions",
    ("quiche", "*", "zerortt"): "the npm package has no sessions",
    ("quiche", "client", "chacha20"): "the npm package cannot choose cipher suites",
    ("quiche", "client", "keyupdate"): "quiche does not start a key update",
    ("quiche", "*", "v2"): "quiche has no version 2",
    ("quiche", "client", "versionnegotiation"): "the npm package cannot choose versions",
    ("quiche", "*", "ecn"): "quiche marks nothing",
    ("quiche", "client", "connectionmigration"): "the npm package's clients do not move for programs",
    ("aioquic", "*", "ecn"): "aioquic marks nothing",
    ("kwik", "*", "ecn"): "kwik marks nothing",
    ("kwik", "server", "connectionmigration"): "kwik's server forbids its clients to move",
    ("quiche", "server", "connectionmigration"): "the npm package's server forbids its clients to move",
    ("kwik", "client", "connectionmigration"): "kwik's clients do not move for programs",
    ("kwik", "client", "versionnegotiation"): "kwik's client has no unknown version to start with",
    ("ngtcp2", "client", "versionnegotiation"): "ngtcp2's client ends when it is told of other versions",
    ("curl", "client", "versionnegotiation"): "curl does not let its user choose versions",
    ("jdk", "client", "versionnegotiation"): "the JDK does not let a program begin with an unknown version",
    ("curl", "client", "resumption"): "nothing is kept for the next run of curl",
    ("jdk", "client", "resumption"): "not asked of the JDK's client by its script here",
    ("curl", "client", "zerortt"): "nothing is kept for the next run of curl",
    ("jdk", "client", "zerortt"): "the JDK's client sends no early data",
    ("curl", "client", "keyupdate"): "curl does not let its user update keys",
    ("jdk", "client", "keyupdate"): "the JDK does not let a program update keys",
    ("curl", "client", "v2"): "curl has no version 2",
    ("jdk", "client", "v2"): "not asked of the JDK's client by its script here",
    ("curl", "client", "ecn"): "curl marks nothing",
    ("jdk", "client", "ecn"): "the JDK marks nothing",
    ("nginx", "server", "ecn"): "nginx marks nothing",
    ("haproxy", "server", "ecn"): "HAProxy marks nothing",
    ("curl", "client", "connectionmigration"): "curl does not move",
    ("haproxy", "server", "connectionmigration"): "HAProxy forbids its clients to move",
    ("jdk", "client", "connectionmigration"): "the JDK's clients do not move for programs",
    ("caddy", "server", "retry"): "Caddy cannot be told to send Retry",
    ("nginx", "server", "v2"): "nginx has no version 2",
    ("haproxy", "server", "v2"): "HAProxy's part of version 2 was not tried",
    ("caddy", "server", "v2"): "Caddy speaks version 1 alone here",
} | {(p, "server", "zerortt"): "QuicClient sends no early data" for p in H3_PEERS}
# What a failure comes from, where that is known: (peer, its role, case) -> cause.
KWIK_MOVE = "kwik's server drops whatever comes from another address than the client's first packet did"
QUICHE_MOVE = "the npm package's server follows the first new address and then hears no other: its quiche has room for two paths (active_connection_id_limit 2) and drops what comes from a third, and sends not one packet there"
JDK_MOVE = "the JDK's client answers a PATH_CHALLENGE only together with something else it has to send, so the new path is never validated while it downloads"
LOST_END = "the npm package's quiche does not send the end of a stream again that was lost, though it acknowledges the client's PINGs"
OPENSSL_SLOW = "OpenSSL's probes are PINGs without what was lost, at intervals up to half a minute: 20 connections, not 50, in the runner's 300 s"
CAUSES = {
    ("kwik", "server", "handshakecorruption"): "the first Initial of a connection came with a damaged source connection id; kwik's server keeps that id and drops the client's undamaged packets",
    ("openssl", "server", "handshakeloss"): OPENSSL_SLOW,
    ("openssl", "server", "handshakecorruption"): OPENSSL_SLOW,
    ("openssl", "client", "handshakeloss"): "the second half of a ClientHello was lost: OpenSSL's client probes with PINGs, at intervals that double, and of 50 connections one had not learned by then what to send again",
    ("openssl", "client", "amplificationlimit"): "half of the ClientHello is among the datagrams that the case drops; OpenSSL's probes are PINGs at intervals that double, from three times what our first acknowledgement took (0.16 s more than the link does, a cold JVM on a busy machine): the seventh datagram comes after 17 s, the eighth would after 36 s",
    ("kwik", "server", "blackhole"): "kwik's server sent 9.2 of 10 MB and then no more, with all of it acknowledged and six megabytes of credit left",
    ("quiche", "client", "multiplexing"): "the npm package's client stops with \"We should never repeat streamIds when creating streams\"",
    ("deno", "server", "handshakecorruption"): "both datagrams with the ServerHello were damaged; quinn sent its Handshake packets again and again, but no Initial",
    ("quiche", "server", "handshake"): "the npm package's server always sends a Retry, which this case forbids; the file arrives",
    ("aioquic", "server", "connectionmigration"): "aioquic's server answers a PATH_CHALLENGE on the path in use alone, so a client that asks first (RFC 9000 section 9.1) stays where it is",
    ("kwik", "server", "zerortt"): "kwik's server allows 5,120 bytes of early data, so more than half of the requests have to go in 1-RTT packets; it takes the rest as 0-RTT",
    ("quiche", "server", "handshakecorruption"): LOST_END,
    ("quiche", "server", "multiplexing"): LOST_END,
    ("quiche", "server", "handshakeloss"): "the request arrived before the client's lost Finished came again, and the npm package resets a stream that is there before the handshake is complete",
    ("quiche", "server", "rebind-port"): QUICHE_MOVE,
    ("quiche", "server", "rebind-addr"): QUICHE_MOVE,
    ("kwik", "server", "rebind-port"): KWIK_MOVE,
    ("kwik", "server", "rebind-addr"): KWIK_MOVE,
    ("ngtcp2", "server", "rebind-port"): "ngtcp2's server acknowledges on the new path before it challenges it there; the file arrives",
    ("ngtcp2", "server", "rebind-addr"): "ngtcp2's server acknowledges on the new path before it challenges it there; the file arrives",
    ("nginx", "server", "handshakeloss"): "two bytes of the ServerHello were lost again and again; nginx sent them three times in 50 s, since its other probes are PINGs",
    ("nginx", "server", "rebind-port"): "nginx 1.26 does not carry a download of 10 MB over a rebound port, whatever the client",
    ("nginx", "server", "rebind-addr"): "nginx 1.26 does not carry a download of 10 MB over a rebound port, whatever the client",
    ("haproxy", "server", "rebind-port"): "HAProxy closes a connection whose client's port changes, whatever the client",
    ("haproxy", "server", "rebind-addr"): "HAProxy closes a connection whose client's port changes, whatever the client",
    ("jdk", "client", "rebind-port"): JDK_MOVE,
    ("jdk", "client", "rebind-addr"): JDK_MOVE,
    ("openssl", "client", "handshakecorruption"): "half of one ClientHello and then most of our acknowledgements were damaged; OpenSSL's probes are PINGs without the missing half, ever more rarely, until our server gives up",
}


def read(path):
    """The last run of each cell, and how many of its build there were."""
    runs = {}
    for line in open(path):
        f = (line.rstrip("\n").split("\t") + [""] * 9)[:9]
        key = f[1], f[2], f[3]
        before = runs.get(key)
        tries = before[-1] + 1 if before and before[7] == f[7] else 1
        runs[key] = f + [tries]
    return runs


def lacks(peer, role, case):
    if peer in H3_PEERS and case in ("goodput", "crosstraffic"):
        return "measured with HTTP/0.9"
    if peer not in H3_PEERS and case == "http3":
        return "HTTP/3 is tried with those that speak nothing else"
    return LACKS.get((peer, role, case)) or LACKS.get((peer, "*", case))


def cell(run, peer, role, case, notes):
    """What a table shows for one run; failures and lacks get a numbered note."""
    if run is None:
        why = lacks(peer, role, case)
        return "-" + note(notes, why) if why else "not run"
    result, _, client, server, ms, figure, why = run[:7]
    tries = run[-1]
    if result == "+":
        nth = {1: "", 2: ", 2nd run", 3: ", 3rd run"}.get(tries, f", {tries}th run")
        return (figure.strip() or f"{int(ms) / 1000:.1f} s") + nth
    if result == "?":
        who = client if why.strip() == "client" else server
        if who == OURS:
            return "-" + note(notes, "not there yet in this project")
        end = "client" if who == client else "server"
        return "-" + note(notes, lacks(who, end, case) or f"{NAMES[who]} as {end} cannot do it, or its script here")
    cause = CAUSES.get((peer, role, case)) or f"{case}, {NAMES.get(client, client)} to {NAMES.get(server, server)}: {why.strip() or 'failed'}"
    return "FAILED" + (f", {tries} runs" if tries > 1 else "") + note(notes, cause)


def note(notes, text):
    text = text.replace("|", "/")
    if text not in notes:
        notes.append(text)
    return f" ({notes.index(text) + 1})"


def table(runs, title, among, key, role, notes):
    peers = [p for p in among if any(key(p, c) in runs for c in CASES)]
    if not peers:
        return []
    out = [f"## {title}", "", "| case | " + " | ".join(NAMES[p] for p in peers) + " |", "| --- |" + " --- |" * len(peers)]
    for case in CASES:
        cells = [cell(runs.get(key(p, case)), p, role, case, notes) for p in peers]
        if any(c != "not run" and not c.startswith("-") for c in cells):
            out.append(f"| {case} | " + " | ".join(cells) + " |")
    return out + [""]


def tool(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0]
    except (OSError, IndexError):
        return "?"


def builds(runs):
    """Which build the runs are of, and which cells are of another."""
    of, every = {}, {}
    for (case, client, server), run in sorted(runs.items()):
        build = run[7] or "unknown"
        case = "HTTP/3's " + case if client in H3_PEERS or server in H3_PEERS else case
        of.setdefault(build, {}).setdefault(case, []).append((run[8], f"{client} to {server}"))
        every[case] = every.get(case, 0) + 1
    size = lambda b: sum(len(c) for c in of[b].values())
    ranked = sorted(of, key=size, reverse=True)
    out = []
    for b in ranked:
        times = sorted(t for c in of[b].values() for t, _ in c)
        both = CASES + ["HTTP/3's " + case for case in CASES]
        whole = [case for case in both if len(of[b].get(case, [])) == every.get(case)]
        single = [f"{case} {n}" for case in both if case in of[b] and case not in whole for _, n in of[b][case]]
        names = "all cells" if len(ranked) == 1 else "all others" if b == ranked[0] else ", ".join([f"every {c}" for c in whole] + single)
        if {c for c in every if c.startswith("HTTP/3")} == set(of[b]):
            names = "all of HTTP/3"
        out.append(f"- {b}: {size(b)} cells, run from {times[0]} to {times[-1]}: {names}")
    return out


def cells(cases, peers):
    """Every cell that can be run, a line each: case, client, server."""
    for case in cases:
        for p in peers:
            for role, client, server in (("client", p, OURS), ("server", OURS, p)):
                has = p not in (SERVERS_ONLY if role == "client" else CLIENTS_ONLY)
                if has and not lacks(p, role, case) and (p != OURS or role == "client"):
                    print(case, client, server)


def main():
    if sys.argv[1] == "--cells":
        return cells(sys.argv[2].split(), sys.argv[3:])
    runs = read(sys.argv[1])
    here = os.path.dirname(os.path.abspath(__file__))
    notes = []
    out = open(os.path.join(here, "table-head.md")).read().splitlines() + [""]
    out += table(runs, "As server, to that client", PEERS, lambda p, c: (c, p, OURS), "client", notes)
    out += table(runs, "As client, of that server", PEERS, lambda p, c: (c, OURS, p), "server", notes)
    out += table(runs, "HTTP/3, as server, to that client", H3_PEERS, lambda p, c: (c, p, OURS), "client", notes)
    out += table(runs, "HTTP/3, as client, of that server", H3_PEERS, lambda p, c: (c, OURS, p), "server", notes)
    if os.environ.get("REMARK"):
        out += [os.environ["REMARK"], ""]
    results = [r[0] for r in runs.values()]
    missing = "\n".join(out).count("not run")
    lacking = "\n".join(out).count("| - (")
    out += [f"{results.count('+')} passed, {results.count('-')} failed, {lacking} are features that one of the two does not have" + (f", {missing} not run." if missing else "."), ""]
    out += ["Builds (commit and its date):", ""] + builds(runs) + ["", "## Notes", ""]
    out += [f"{i + 1}. {n}" for i, n in enumerate(notes)]
    out += ["", f"Machine: {os.cpu_count()} processors, {tool('uname', '-s')} {'.'.join(tool('uname', '-r').split('.')[:2])}, {tool('tshark', '--version').split(' (')[0].rstrip('.')}."]
    print("\n".join(out))


main()
