/** Programs for simulated sockets: handshakes with a fake TLS, transfers. */
@NullMarked
package dev.quic.simnet.peer;

import org.jspecify.annotations.NullMarked;
