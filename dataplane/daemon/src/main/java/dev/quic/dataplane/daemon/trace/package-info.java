/** The timeline of handshakes as JSON lines, for {@code --trace}. */
@NullMarked
package dev.quic.dataplane.daemon.trace;

import org.jspecify.annotations.NullMarked;
