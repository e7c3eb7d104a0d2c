/**
 * QUIC as Java programs expect it: connections made and verified by builders, streams with
 * InputStream, OutputStream and channels, deadlines, interruption, typed events. On top of {@link
 * dev.quic.consumer.QuicSocket}, whose calls stay within reach.
 */
@NullMarked
package dev.quic.consumer.connection;

import org.jspecify.annotations.NullMarked;
