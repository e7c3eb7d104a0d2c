/**
 * The daemon's configuration: tlshd's INI file, read as a whole into an immutable value. Opens no
 * socket and reads no credentials.
 */
@NullMarked
package dev.quic.handshaked.daemon.config;

import org.jspecify.annotations.NullMarked;
