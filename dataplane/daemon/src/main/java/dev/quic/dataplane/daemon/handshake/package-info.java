/** The handshake generic netlink family, and the bus on netlink.sock that carries it. */
@NullMarked
package dev.quic.dataplane.daemon.handshake;

import org.jspecify.annotations.NullMarked;
