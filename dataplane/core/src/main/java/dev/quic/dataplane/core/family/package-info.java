/** Socket addresses as longs. Never uses java.net. */
@NullMarked
package dev.quic.dataplane.core.family;

import org.jspecify.annotations.NullMarked;
