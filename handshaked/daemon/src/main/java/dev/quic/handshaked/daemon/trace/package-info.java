/** The record of calls a handshake makes, for the demo's timeline and for tests of their order. */
@NullMarked
package dev.quic.handshaked.daemon.trace;

import org.jspecify.annotations.NullMarked;
