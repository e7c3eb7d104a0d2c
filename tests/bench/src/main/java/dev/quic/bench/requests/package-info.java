/** How long a request and its answer take. */
@NullMarked
package dev.quic.bench.requests;

import org.jspecify.annotations.NullMarked;
