/** UDP ports (NIO, Linux by FFM) and the shard's duty cycle. The only opener of INET sockets. */
@NullMarked
package dev.quic.dataplane.io;

import org.jspecify.annotations.NullMarked;
