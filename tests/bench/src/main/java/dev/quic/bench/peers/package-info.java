/** Ourselves and other stacks in the same run. */
@NullMarked
package dev.quic.bench.peers;

import org.jspecify.annotations.NullMarked;
