/** Reassembly, backlog for missing keys, inbound flow control, events to the program. */
@NullMarked
package dev.quic.dataplane.core.inqueue;

import org.jspecify.annotations.NullMarked;
