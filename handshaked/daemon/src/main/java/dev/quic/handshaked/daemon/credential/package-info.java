/**
 * The credential files of the configuration, read when a request needs them and kept while they do
 * not change.
 */
@NullMarked
package dev.quic.handshaked.daemon.credential;

import org.jspecify.annotations.NullMarked;
