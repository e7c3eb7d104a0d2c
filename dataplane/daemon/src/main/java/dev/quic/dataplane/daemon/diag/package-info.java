/**
 * What there is to see of a running data plane: the kernel's /proc/net/quic tables and one of our
 * own. Gathers on the shards, writes text, knows no connection of any door.
 */
@NullMarked
package dev.quic.dataplane.daemon.diag;

import org.jspecify.annotations.NullMarked;
