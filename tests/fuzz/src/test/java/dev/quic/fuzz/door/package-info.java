/** Damaged packets on socket.sock and on data descriptors, both ways. */
@NullMarked
package dev.quic.fuzz.door;

import org.jspecify.annotations.NullMarked;
