/**
 * AF_UNIX SEQPACKET transport: connections, descriptor passing, peer credentials, waiting. Knows
 * nothing of what the packets mean.
 */
@NullMarked
package dev.quic.uds;

import org.jspecify.annotations.NullMarked;
