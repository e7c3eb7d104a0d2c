/** Damaged messages on netlink.sock, both ways. */
@NullMarked
package dev.quic.fuzz.bus;

import org.jspecify.annotations.NullMarked;
