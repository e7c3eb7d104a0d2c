/** The bin/quic command. */
@NullMarked
package dev.quic.samples;

import org.jspecify.annotations.NullMarked;
