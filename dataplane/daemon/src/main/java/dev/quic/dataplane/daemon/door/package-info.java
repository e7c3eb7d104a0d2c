/**
 * The syscall door: socket.sock, control connections, data descriptors, grants, and the conductor
 * thread that runs them. Knows sockets only through their fronts.
 */
@NullMarked
package dev.quic.dataplane.daemon.door;

import org.jspecify.annotations.NullMarked;
