/** Packet number spaces: received numbers to ACK ranges, next number. Never reads a clock. */
@NullMarked
package dev.quic.dataplane.core.pnspace;

import org.jspecify.annotations.NullMarked;
