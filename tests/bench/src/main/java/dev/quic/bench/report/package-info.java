/** What benchmarks print: medians, tables in Markdown, pictures. */
@NullMarked
package dev.quic.bench.report;

import org.jspecify.annotations.NullMarked;
