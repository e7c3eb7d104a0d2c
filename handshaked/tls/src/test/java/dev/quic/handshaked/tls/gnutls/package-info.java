/** GnuTLS, the system's library, as a foreign TLS peer in tests: no threads, no sockets. */
@NullMarked
package dev.quic.handshaked.tls.gnutls;

import org.jspecify.annotations.NullMarked;
