/**
 * The program's side of socket.sock, one control connection a process and one data descriptor a
 * socket, and the daemon's side of netlink.sock.
 */
@NullMarked
package dev.quic.uds.door;

import org.jspecify.annotations.NullMarked;
