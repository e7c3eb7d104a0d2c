/**
 * QUIC sockets of a data plane in another process: calls over its control connection, bytes over
 * one descriptor a socket. Programs begin with {@link dev.quic.consumer.RemoteQuicSockets}.
 */
@NullMarked
package dev.quic.consumer.remote;

import org.jspecify.annotations.NullMarked;
