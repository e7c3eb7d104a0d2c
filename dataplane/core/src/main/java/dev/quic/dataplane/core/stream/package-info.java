/** Stream table, ids, limits, send and receive state machines. Knows no frames. */
@NullMarked
package dev.quic.dataplane.core.stream;

import org.jspecify.annotations.NullMarked;
