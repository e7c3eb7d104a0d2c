/** The consumers inside the data planes that are measured: they connect, again and again. */
@NullMarked
package dev.quic.bench.load;

import org.jspecify.annotations.NullMarked;
