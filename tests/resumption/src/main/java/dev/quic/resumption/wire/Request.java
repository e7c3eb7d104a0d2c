package dev.quic.resumption.wire;

/**
 * A stream that a client sent whole.
 *
 * @param stream its id
 * @param early whether any of it came in 0-RTT
 */
public record Request(long stream, byte[] bytes, boolean early) {}
