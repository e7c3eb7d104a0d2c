/** Sessions that a client keeps to come back with, and where it keeps them. */
@NullMarked
package dev.quic.consumer.session;

import org.jspecify.annotations.NullMarked;
