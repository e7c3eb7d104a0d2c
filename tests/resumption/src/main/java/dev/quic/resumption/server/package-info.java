/** The server that watches what a client does with its sessions. */
@NullMarked
package dev.quic.resumption.server;

import org.jspecify.annotations.NullMarked;
