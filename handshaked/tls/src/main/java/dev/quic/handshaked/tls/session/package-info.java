/**
 * Session resumption and 0-RTT: tickets and their keys on the server's side, sessions on the
 * client's, the register that keeps early data from being taken twice. Knows TLS 1.3 only by the
 * fields of RFC 8446 sections 4.2.11 and 4.6.1.
 */
@NullMarked
package dev.quic.handshaked.tls.session;

import org.jspecify.annotations.NullMarked;
