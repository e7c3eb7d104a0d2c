/**
 * AF_UNIX SEQPACKET transport: connections, descriptor passing, peer credentials. The only user of
 * junixsocket.
 */
@NullMarked
package dev.quic.uds;

import org.jspecify.annotations.NullMarked;
