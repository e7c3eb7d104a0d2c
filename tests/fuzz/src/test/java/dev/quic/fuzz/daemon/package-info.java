/** Damaged answers of a data plane to a handshake daemon. */
@NullMarked
package dev.quic.fuzz.daemon;

import org.jspecify.annotations.NullMarked;
