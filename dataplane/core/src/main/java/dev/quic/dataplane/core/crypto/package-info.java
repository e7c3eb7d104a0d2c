/**
 * Initial secrets, key schedule, AEAD and header protection, Retry tag, tokens. Knows no TLS
 * messages.
 */
@NullMarked
package dev.quic.dataplane.core.crypto;

import org.jspecify.annotations.NullMarked;
