/**
 * Keys that requests name by serial number, as the kernel's keyrings hold them: where they come
 * from, and the directory that stands in for keyrings. Key bytes leave this package as copies that
 * their user wipes.
 */
@NullMarked
package dev.quic.handshaked.daemon.keys;

import org.jspecify.annotations.NullMarked;
