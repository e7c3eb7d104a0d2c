/** Headers, coalescing, protection order, version negotiation, Retry. */
@NullMarked
package dev.quic.dataplane.core.packet;

import org.jspecify.annotations.NullMarked;
