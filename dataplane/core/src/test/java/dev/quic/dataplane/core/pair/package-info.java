/** Two nets in memory with a fake TLS: the whole core in virtual time. */
@NullMarked
package dev.quic.dataplane.core.pair;

import org.jspecify.annotations.NullMarked;
