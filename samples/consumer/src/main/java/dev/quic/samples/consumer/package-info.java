/** The kernel consumer of {@code bin/quic demo}: lives in the data plane, knows no TLS library. */
@NullMarked
package dev.quic.samples.consumer;

import org.jspecify.annotations.NullMarked;
