/** The data plane as the service sees it: the bus over netlink.sock, grants over socket.sock. */
@NullMarked
package dev.quic.handshaked.daemon.bus;

import org.jspecify.annotations.NullMarked;
