/**
 * TLS 1.3 for QUIC on Bouncy Castle: the engine, the stepper that drives a socket with it,
 * certificate checks. Knows no sockets.
 */
@NullMarked
package dev.quic.handshaked.tls;

import org.jspecify.annotations.NullMarked;
