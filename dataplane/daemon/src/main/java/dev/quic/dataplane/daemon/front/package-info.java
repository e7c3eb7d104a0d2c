/**
 * A socket as seen from outside its shard: bounded message queues between the shard and one user,
 * and the shard's half of the work. Knows neither descriptors nor consumers.
 */
@NullMarked
package dev.quic.dataplane.daemon.front;

import org.jspecify.annotations.NullMarked;
