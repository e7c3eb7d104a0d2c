/** A ring of network nodes in virtual time around the core. */
@NullMarked
package dev.quic.simnet;

import org.jspecify.annotations.NullMarked;
