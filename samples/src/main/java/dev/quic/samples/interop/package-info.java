/** An endpoint as the QUIC interop runner starts it. */
@NullMarked
package dev.quic.samples.interop;

import org.jspecify.annotations.NullMarked;
