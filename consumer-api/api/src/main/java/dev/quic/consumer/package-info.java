/**
 * QUIC sockets and kernel-consumer handshakes, for programs in this process or beside the data
 * plane.
 */
@NullMarked
package dev.quic.consumer;

import org.jspecify.annotations.NullMarked;
