/** Varints, cursors, sequence math, primitive maps, rings, limits. Knows no protocol rule. */
@NullMarked
package dev.quic.dataplane.core.common;

import org.jspecify.annotations.NullMarked;
