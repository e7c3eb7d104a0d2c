/** The cases a server is put through, and the client that does it. */
@NullMarked
package dev.quic.resumption.client;

import org.jspecify.annotations.NullMarked;
