/** Paths, validation, anti-amplification. Does no I/O. */
@NullMarked
package dev.quic.dataplane.core.path;

import org.jspecify.annotations.NullMarked;
