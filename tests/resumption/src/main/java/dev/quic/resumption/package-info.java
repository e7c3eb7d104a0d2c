/** Session resumption and early data of any QUIC end, put to the test from the wire. */
@NullMarked
package dev.quic.resumption;

import org.jspecify.annotations.NullMarked;
