/**
 * The binding to Bouncy Castle's bctls: protocol subclasses whose hooks turn a record protocol into
 * QUIC's messages and secrets. No other package of this module imports {@code
 * org.bouncycastle.tls}.
 */
@NullMarked
package dev.quic.handshaked.tls.bc;

import org.jspecify.annotations.NullMarked;
