/** The whole house in one run. */
@NullMarked
package dev.quic.samples.demo;

import org.jspecify.annotations.NullMarked;
