/** Every observable fact, as calls with primitive arguments. */
@NullMarked
package dev.quic.dataplane.core.event;

import org.jspecify.annotations.NullMarked;
