/**
 * Key exchange and ECDSA of the system's libcrypto (OpenSSL 3), found and tested at start. Bouncy
 * Castle stays what everything works with. The only place of the TLS engine with native code.
 */
@NullMarked
package dev.quic.handshaked.tls.libcrypto;

import org.jspecify.annotations.NullMarked;
