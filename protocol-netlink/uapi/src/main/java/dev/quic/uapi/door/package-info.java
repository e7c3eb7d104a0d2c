/** Framing of the control connection and of data descriptors (docs/protocol.md). Never does I/O. */
@NullMarked
package dev.quic.uapi.door;

import org.jspecify.annotations.NullMarked;
