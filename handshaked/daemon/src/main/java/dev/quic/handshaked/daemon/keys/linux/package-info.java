/**
 * The Linux kernel's keyrings (add_key(2), keyctl(2), request_key(2)): the only native code of the
 * handshake daemon.
 */
@NullMarked
package dev.quic.handshaked.daemon.keys.linux;

import org.jspecify.annotations.NullMarked;
