/** The core in the simulator. */
@NullMarked
package dev.quic.sim;

import org.jspecify.annotations.NullMarked;
