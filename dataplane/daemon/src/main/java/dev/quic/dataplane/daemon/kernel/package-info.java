/** In-process consumers: sockets and handshakes for code that lives in the data plane. */
@NullMarked
package dev.quic.dataplane.daemon.kernel;

import org.jspecify.annotations.NullMarked;
