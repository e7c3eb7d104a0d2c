/** Send queues, sent packets, loss detection, PTO, outbound flow control. */
@NullMarked
package dev.quic.dataplane.core.outqueue;

import org.jspecify.annotations.NullMarked;
