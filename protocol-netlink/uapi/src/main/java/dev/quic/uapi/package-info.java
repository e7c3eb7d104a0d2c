/** Numbers, flags and errnos of the kernel's QUIC and handshake interfaces. Holds no behaviour. */
@NullMarked
package dev.quic.uapi;

import org.jspecify.annotations.NullMarked;
