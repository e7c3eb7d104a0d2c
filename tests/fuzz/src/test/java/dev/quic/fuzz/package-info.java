/** Damaged input from fixed seeds: what drives it and what it is measured with. */
@NullMarked
package dev.quic.fuzz;

import org.jspecify.annotations.NullMarked;
