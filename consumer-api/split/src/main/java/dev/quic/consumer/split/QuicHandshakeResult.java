package dev.quic.consumer.split;

import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a finished handshake agreed on.
 *
 * @param alpn protocol chosen, null when none was offered
 * @param serverName the name the client asked for, null when it asked for none
 * @param peerCertificates the peer's chain as it was sent, leaf first; verified unless verification
 *     was switched off; empty when it showed none
 */
public record QuicHandshakeResult(
    @Nullable String alpn, @Nullable String serverName, List<X509Certificate> peerCertificates) {}
