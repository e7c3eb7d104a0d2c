/** The rooms of the core one by one, by JMH: {@code bin/quic bench rooms}. */
@NullMarked
package dev.quic.bench.rooms;

import org.jspecify.annotations.NullMarked;
