/**
 * Session tags: names that DONE gives a session by what stands in the peer's verified certificate.
 * Reads the definitions and evaluates them; never decides what a tag allows.
 */
@NullMarked
package dev.quic.handshaked.daemon.tags;

import org.jspecify.annotations.NullMarked;
