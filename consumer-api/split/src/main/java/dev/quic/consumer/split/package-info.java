/** The split handshake in a program's own process. */
@NullMarked
package dev.quic.consumer.split;

import org.jspecify.annotations.NullMarked;
