/** {@code bin/quic ticket}. */
@NullMarked
package dev.quic.resumption.cli;

import org.jspecify.annotations.NullMarked;
