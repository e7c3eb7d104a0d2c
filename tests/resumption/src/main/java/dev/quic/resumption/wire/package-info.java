/**
 * A QUIC version 1 end of its own, small and open: every handshake message and every datagram of it
 * can be looked at, kept and sent again. It shares the codecs and the cryptography of the data
 * plane, but none of its protocol state.
 */
@NullMarked
package dev.quic.resumption.wire;

import org.jspecify.annotations.NullMarked;
