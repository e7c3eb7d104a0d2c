/** HTTP/3 (RFC 9114) on the streams of {@link dev.quic.consumer.connection.QuicConnection}. */
@NullMarked
package dev.quic.samples.h3;

import org.jspecify.annotations.NullMarked;
