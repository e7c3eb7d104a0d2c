/**
 * Byte-exact netlink: nlmsghdr, genlmsghdr, attributes, the nlctrl and handshake families. Never
 * does I/O.
 */
@NullMarked
package dev.quic.uapi.netlink;

import org.jspecify.annotations.NullMarked;
