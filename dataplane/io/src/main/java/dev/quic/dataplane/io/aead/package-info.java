/**
 * AEADs of libraries the system may have, behind the core's {@code AeadProvider}: found, tested and
 * chosen at start. The JDK's stays what everything works with.
 */
@NullMarked
package dev.quic.dataplane.io.aead;

import org.jspecify.annotations.NullMarked;
