/** Real processes. */
@NullMarked
package dev.quic.system;

import org.jspecify.annotations.NullMarked;
