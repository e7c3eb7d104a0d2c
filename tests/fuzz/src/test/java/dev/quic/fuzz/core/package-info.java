/** Targets for coverage-guided fuzzing: the core's entry points, without threads or sockets. */
@NullMarked
package dev.quic.fuzz.core;

import org.jspecify.annotations.NullMarked;
