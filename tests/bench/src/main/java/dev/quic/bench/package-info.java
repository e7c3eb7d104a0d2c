/**
 * {@code bin/quic bench}: measures whole paths with the real programs as processes. Prints figures,
 * asserts none.
 */
@NullMarked
package dev.quic.bench;

import org.jspecify.annotations.NullMarked;
