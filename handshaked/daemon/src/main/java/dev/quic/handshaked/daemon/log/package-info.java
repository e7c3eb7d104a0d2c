/** What the daemon tells its operator: one line an event, never a secret. */
@NullMarked
package dev.quic.handshaked.daemon.log;

import org.jspecify.annotations.NullMarked;
