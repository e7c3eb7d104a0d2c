/**
 * The frame table: codec, legality by level, what a frame does, what its loss and acknowledgement
 * do.
 */
@NullMarked
package dev.quic.dataplane.core.frame;

import org.jspecify.annotations.NullMarked;
