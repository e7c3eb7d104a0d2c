/**
 * Serving handshake requests: the loop that hears of them, the bounded pool, and the work on one.
 * Knows the bus and the grant as interfaces; {@code ...daemon.bus} connects them to the data plane.
 */
@NullMarked
package dev.quic.handshaked.daemon.service;

import org.jspecify.annotations.NullMarked;
