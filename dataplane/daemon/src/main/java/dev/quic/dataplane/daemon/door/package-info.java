/** The syscall door: socket.sock, control connections, data descriptors, grants. */
@NullMarked
package dev.quic.dataplane.daemon.door;

import org.jspecify.annotations.NullMarked;
