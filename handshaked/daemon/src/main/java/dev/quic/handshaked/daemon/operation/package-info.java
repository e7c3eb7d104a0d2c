/**
 * What keeps a daemon running well: reloading on signals and file changes, warnings ahead of time,
 * the word with the service manager. Starts no handshake and reads no key.
 */
@NullMarked
package dev.quic.handshaked.daemon.operation;

import org.jspecify.annotations.NullMarked;
