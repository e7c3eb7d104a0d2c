/** The nodes between the endpoints: what a network does to datagrams. */
@NullMarked
package dev.quic.simnet.node;

import org.jspecify.annotations.NullMarked;
