/** Damaged handshake messages. */
@NullMarked
package dev.quic.fuzz.tls;

import org.jspecify.annotations.NullMarked;
