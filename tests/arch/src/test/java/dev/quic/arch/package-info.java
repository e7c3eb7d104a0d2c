/** The rules of ARCHITECTURE.md, read from class files, sources and run-time class paths. */
@NullMarked
package dev.quic.arch;

import org.jspecify.annotations.NullMarked;
