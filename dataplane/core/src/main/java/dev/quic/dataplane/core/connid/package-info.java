/**
 * Source and destination connection id sets, retire-prior-to, reset tokens, the shard coded into an
 * id. Knows no sockets.
 */
@NullMarked
package dev.quic.dataplane.core.connid;

import org.jspecify.annotations.NullMarked;
