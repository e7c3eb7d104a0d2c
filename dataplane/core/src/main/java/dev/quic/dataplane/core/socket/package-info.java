/** Sock: the composition of the other rooms, with state, options, sendmsg and recvmsg. */
@NullMarked
package dev.quic.dataplane.core.socket;

import org.jspecify.annotations.NullMarked;
