#!/usr/bin/env python3
"""probe.py > nlctrl.txt: how a real Linux kernel answers requests to nlctrl, good and malformed.

Needs nothing but a Linux kernel (any user). One line a request: options of the socket (plain, ext, cap, ext+cap), the request and the
answers one after the other, hexadecimal; "-" for no answer. Each request is sent on a new socket bound to one port id, which the
requests carry as well.
"""
import socket, struct

PID, NLCTRL = 24301, 16
SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 10, 11
ACKED, DUMP = 5, 0x305


def attr(kind, value):
    return struct.pack("<HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def raw(kind, length, value=b""):
    return struct.pack("<HH", length, kind) + value


def msg(kind, flags, payload, seq=7, length=None):
    return struct.pack("<IHHII", 16 + len(payload) if length is None else length, kind, flags, seq, PID) + payload


def genl(cmd, version=1, reserved=0):
    return struct.pack("<BBH", cmd, version, reserved)


def ask(options, request):
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
    s.bind((PID, 0))
    s.settimeout(0.1)
    if "ext" in options:
        s.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
    if "cap" in options:
        s.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
    s.send(request)
    out = b""
    try:
        while True:
            out += s.recv(65536)
    except TimeoutError:
        s.close()
        return out


name = lambda n: attr(2, n)
good = name(b"nlctrl\0")
number = lambda n, width: n.to_bytes(width, "little")
requests = [
    msg(NLCTRL, 1, genl(3) + good), msg(NLCTRL, ACKED, genl(3) + good), msg(NLCTRL, 4, genl(3) + good), msg(NLCTRL, 0, genl(3) + good),
    msg(NLCTRL, ACKED, genl(3)), msg(NLCTRL, ACKED, genl(99)), msg(NLCTRL, ACKED, genl(1)), msg(0x55, ACKED, genl(3)), msg(0x55, ACKED, b""),
    msg(NLCTRL, ACKED, b"\3\1"), msg(NLCTRL, ACKED, b""), msg(1, ACKED, b""), msg(3, ACKED, b"1234"), msg(1, 1, b""),
]
for n in (b"nlctrl", b"", b"\0", b"nope\0", b"a" * 15 + b"\0", b"a" * 16 + b"\0", b"a" * 40 + b"\0", b"nlctrl\0junk", b"nl\0" + b"x" * 20, b"nl\0" + bytes(20)):
    requests.append(msg(NLCTRL, ACKED, genl(3) + name(n)))
for n in (number(NLCTRL, 2), b"\x10", b"", number(NLCTRL, 4), number(0x77, 2), number(NLCTRL, 2) + b"junk"):
    requests.append(msg(NLCTRL, ACKED, genl(3) + attr(1, n)))
requests += [
    msg(NLCTRL, ACKED, genl(3) + attr(1, number(NLCTRL, 2)) + name(b"nope\0")), msg(NLCTRL, ACKED, genl(3) + attr(1, number(0x77, 2)) + good),
    msg(NLCTRL, ACKED, genl(3) + name(b"nope\0") + good), msg(NLCTRL, ACKED, genl(3) + good + name(b"nope\0")),
    msg(NLCTRL, ACKED, genl(3) + attr(0x8002, b"nlctrl\0")), msg(NLCTRL, ACKED, genl(3) + attr(0x4002, b"nlctrl\0")),
    msg(NLCTRL, ACKED, genl(3) + good + attr(200, b"x")), msg(NLCTRL, ACKED, genl(3) + good + attr(3, b"x")),
    msg(NLCTRL, ACKED, genl(3) + attr(0, b"x") + good), msg(NLCTRL, ACKED, genl(3) + good + b"\1"), msg(NLCTRL, ACKED, genl(3) + good + b"\1\2\3"),
    msg(NLCTRL, ACKED, genl(3) + raw(2, 3)), msg(NLCTRL, ACKED, genl(3) + raw(2, 0)), msg(NLCTRL, ACKED, genl(3) + raw(2, 40, b"nlctrl\0\0")),
    msg(NLCTRL, ACKED, genl(3) + good + raw(1, 0)), msg(NLCTRL, ACKED, genl(3) + name(b"nope\0") + b"\1"),
    msg(NLCTRL, ACKED, genl(3, 1, 9) + good), msg(NLCTRL, ACKED, genl(3, 77) + good), msg(NLCTRL, ACKED | 0x400, genl(3) + good),
    msg(NLCTRL, ACKED | 0x100, genl(3) + good), msg(NLCTRL, ACKED | 8, genl(3) + good),
    msg(NLCTRL, ACKED, genl(3) + good, length=8), msg(NLCTRL, ACKED, genl(3) + good, length=400), bytes(10), bytes(16), bytes(40),
    msg(NLCTRL, ACKED, genl(3) + good, 1) + msg(NLCTRL, ACKED, genl(99), 2) + msg(NLCTRL, ACKED, genl(3), 3),
    msg(NLCTRL, ACKED, genl(99) + b"\1", 1) + bytes(3) + msg(NLCTRL, ACKED, genl(99), 2),
    msg(NLCTRL, ACKED, genl(99), 1) + msg(NLCTRL, ACKED, genl(99), 2, length=5) + msg(NLCTRL, ACKED, genl(99), 3),
    msg(NLCTRL, DUMP, genl(99)), msg(NLCTRL, ACKED, genl(10) + good), msg(NLCTRL, DUMP, genl(10) + good), msg(NLCTRL, 0x301, genl(10) + good),
    msg(NLCTRL, DUMP, genl(10) + attr(1, number(NLCTRL, 2))), msg(NLCTRL, DUMP, genl(10) + attr(1, number(NLCTRL, 2)) + name(b"nope\0")),
    msg(NLCTRL, DUMP, genl(10) + good + attr(10, number(3, 4))), msg(NLCTRL, DUMP, genl(10) + good + attr(10, number(10, 4))),
    msg(NLCTRL, DUMP, genl(10) + good + attr(10, number(77, 4))), msg(NLCTRL, DUMP, genl(10) + good + attr(10, b"\3")),
    msg(NLCTRL, DUMP, genl(10) + good + attr(10, number(3, 8))), msg(NLCTRL, DUMP, genl(10) + good + attr(0x800a, number(3, 4))),
    msg(NLCTRL, DUMP, genl(10) + attr(1, b"\x10")), msg(NLCTRL, DUMP, genl(10) + attr(1, number(NLCTRL, 4))),
    msg(NLCTRL, DUMP, genl(10)), msg(NLCTRL, DUMP, genl(10) + name(b"nope\0")), msg(NLCTRL, DUMP, genl(10) + name(b"nlctrl")),
    msg(NLCTRL, DUMP, genl(10) + attr(0x8002, b"nlctrl\0")), msg(NLCTRL, DUMP, genl(10) + good + attr(3, b"1234")),
    msg(NLCTRL, DUMP, genl(10) + good + attr(11, b"1234")), msg(NLCTRL, DUMP, genl(10) + attr(0, b"") + good),
    msg(NLCTRL, DUMP, genl(10) + good + b"\1"), msg(NLCTRL, DUMP, genl(10) + raw(2, 0)), msg(NLCTRL, DUMP, genl(10) + raw(2, 99, b"nlctrl\0\0")),
]
for options in ("plain", "ext", "cap", "ext+cap"):
    for r in requests:
        print(options, r.hex(), ask(options, r).hex() or "-")
