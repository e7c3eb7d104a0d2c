/** Bulk measurements, with the options of the original perf_test. */
@NullMarked
package dev.quic.samples.perf;

import org.jspecify.annotations.NullMarked;
