/**
 * The handshake daemon's native calls, all of them: the Linux kernel's keyrings (add_key(2),
 * keyctl(2), request_key(2)), and which tokens a PKCS#11 library has.
 */
@NullMarked
package dev.quic.handshaked.daemon.keys.linux;

import org.jspecify.annotations.NullMarked;
