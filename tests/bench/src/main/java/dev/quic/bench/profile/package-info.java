/** Where a bulk transfer's time and memory go. */
@NullMarked
package dev.quic.bench.profile;

import org.jspecify.annotations.NullMarked;
