/** {@code bin/quic keyctl}: the handshake daemon's keys, in the words of the kernel's tool. */
@NullMarked
package dev.quic.samples.keyctl;

import org.jspecify.annotations.NullMarked;
