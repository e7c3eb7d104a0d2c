/** The handshake daemon: configuration, netlink client, one worker a request. */
@NullMarked
package dev.quic.handshaked.daemon;

import org.jspecify.annotations.NullMarked;
