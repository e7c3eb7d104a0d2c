/** Foreign stacks, in the tests. */
@NullMarked
package dev.quic.interop;

import org.jspecify.annotations.NullMarked;
