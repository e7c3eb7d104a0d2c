/**
 * The program's side of socket.sock: one control connection a process, one data descriptor a
 * socket.
 */
@NullMarked
package dev.quic.uds.door;

import org.jspecify.annotations.NullMarked;
