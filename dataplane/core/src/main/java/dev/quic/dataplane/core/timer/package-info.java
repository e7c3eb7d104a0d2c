/**
 * One deadline per timer kind and connection, and the order of all of them. Never owns a thread.
 */
@NullMarked
package dev.quic.dataplane.core.timer;

import org.jspecify.annotations.NullMarked;
