package dev.quic.dataplane.core.frame;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.family.SockAddr;
import org.jspecify.annotations.Nullable;

/**
 * The preferred_address transport parameter (RFC 9000 section 18.2).
 *
 * @param v4 null when the server offers none
 * @param v6 null when the server offers none
 * @param id its connection id, sequence number 1, never empty
 * @param token stateless reset token of the id, 16 bytes
 */
public record PreferredAddress(
    @Nullable SockAddr v4, @Nullable SockAddr v6, ConnId id, byte[] token) {}
