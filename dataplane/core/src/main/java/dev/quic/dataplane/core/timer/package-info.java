/** One deadline per timer kind. Never owns a thread. */
@NullMarked
package dev.quic.dataplane.core.timer;

import org.jspecify.annotations.NullMarked;
