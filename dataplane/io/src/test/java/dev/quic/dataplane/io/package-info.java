/** Tests of the UDP ports and the shard. */
@NullMarked
package dev.quic.dataplane.io;

import org.jspecify.annotations.NullMarked;
