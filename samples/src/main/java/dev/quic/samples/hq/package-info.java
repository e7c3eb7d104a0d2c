/** HTTP/0.9 over QUIC, as in the interop runner. */
@NullMarked
package dev.quic.samples.hq;

import org.jspecify.annotations.NullMarked;
