/**
 * Certificates and keys: loading PEM, trust anchors, chain validation (RFC 5280) and name matching
 * (RFC 9525), and a small authority that makes test certificates. Knows no TLS messages.
 */
@NullMarked
package dev.quic.handshaked.tls.cert;

import org.jspecify.annotations.NullMarked;
