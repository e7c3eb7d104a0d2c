#!/usr/bin/env python3
"""convert.py TRACE... > messages.txt: the netlink messages of strace logs of the real daemon, as bytes.

strace prints the messages decoded; this puts them together again, from the lengths, types and values it shows. One line a
message: file, s(ent) or r(eceived), hexadecimal. Also the socket options, as: file, option, name, get or set, hexadecimal.
"""
import os, re, struct, sys

NAMES = {"nlctrl": 0x10, "handshake": 0x21, "NLMSG_ERROR": 2, "NLM_F_REQUEST": 1, "NLM_F_ACK": 4, "NLM_F_CAPPED": 0x100,
         "CTRL_CMD_GETFAMILY": 3, "CTRL_CMD_NEWFAMILY": 1, "CTRL_CMD_DELFAMILY": 2,
         "CTRL_ATTR_FAMILY_ID": 1, "CTRL_ATTR_FAMILY_NAME": 2, "CTRL_ATTR_VERSION": 3, "CTRL_ATTR_HDRSIZE": 4, "CTRL_ATTR_MAXATTR": 5,
         "CTRL_ATTR_OPS": 6, "CTRL_ATTR_MCAST_GROUPS": 7, "CTRL_ATTR_OP_ID": 1, "CTRL_ATTR_OP_FLAGS": 2,
         "CTRL_ATTR_MCAST_GRP_NAME": 1, "CTRL_ATTR_MCAST_GRP_ID": 2,
         "GENL_ADMIN_PERM": 1, "GENL_CMD_CAP_DO": 2, "GENL_CMD_CAP_HASPOL": 8, "EINVAL": 22, "EBADF": 9}
TOKEN = re.compile(r'\s*(?:("(?:[^"]*)")(?:\.\.\.)?|([\[\]{},=])|([^\[\]{},="\s]+))')


def tokens(text):
    at = 0
    while at < len(text):
        m = TOKEN.match(text, at)
        if not m:
            return
        at = m.end()
        yield m.group(1) or m.group(2) or m.group(3)


def number(atom):
    total = 0
    for part in atom.split("|"):
        sign = -1 if part.startswith("-") else 1
        part = part.lstrip("-")
        total += sign * (NAMES[part] if part in NAMES else int(part, 0))
    return total


def value(t):
    """One value from an iterator with one token pushed back: a dict, a list, bytes or an atom."""
    tok = next(t)
    if tok == "{":
        out = {}
        key = next(t)
        while key != "}":
            assert next(t) == "=", key
            out[key] = value(t)
            sep = next(t)
            key = next(t) if sep == "," else sep
        return out
    if tok == "[":
        out = []
        while True:
            out.append(value(t))
            if next(t) == "]":
                return out
    if tok.startswith('"'):
        return bytes.fromhex(tok[1:-1])
    return tok


def pad(b):
    return b + bytes(-len(b) % 4)


def attr(pair):
    head, body = pair
    length, kind = int(head["nla_len"]), number(head["nla_type"])
    if isinstance(body, bytes):
        data = body
    elif isinstance(body, list):
        data = attrs(body)
    else:
        data = (number(body) & 0xffffffff).to_bytes(length - 4, "little")
    assert len(data) == length - 4, (pair, len(data))
    return pad(struct.pack("<HH", length, kind) + data)


def attrs(body):
    return attr(body) if isinstance(body[0], dict) else b"".join(attr(p) for p in body)


def header(h):
    flags = number(h["nlmsg_flags"])
    return struct.pack("<IHHII", int(h["nlmsg_len"]), number(h["nlmsg_type"]), flags, int(h["nlmsg_seq"]) & 0xffffffff,
                       int(h["nlmsg_pid"]) & 0xffffffff)


def message(parts):
    if isinstance(parts, dict):
        return header(parts)
    out = header(parts[0])
    if "error" in parts[1]:
        return out + struct.pack("<i", number(parts[1]["error"])) + message(parts[1]["msg"])
    out += struct.pack("<BBH", number(parts[1]["cmd"]), int(parts[1]["version"]), 0)
    out += attrs(parts[2])
    assert len(out) == (int(parts[0]["nlmsg_len"]) + 3 & ~3), parts
    return out


OPTION = re.compile(r'^([gs]et)sockopt\(\d+, SOL_QUIC\(288\), (\d+), "([0-9a-f]*)"')
for path in sys.argv[1:]:
    name = os.path.basename(path).removesuffix(".txt")
    for line in open(path):
        m = re.match(r"(sendmsg|recvmsg)\(", line)
        at = line.find("iov_base=[{nlmsg_len")
        if m and at >= 0:
            print(name, m.group(1)[0], message(value(tokens(line[at + len("iov_base="):]))).hex())
        o = OPTION.match(line)
        if o:
            print(name, "option", o.group(2), o.group(1), o.group(3))
