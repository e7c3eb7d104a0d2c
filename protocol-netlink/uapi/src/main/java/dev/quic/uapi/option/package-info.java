/** Structs of the QUIC socket options and events as codecs in the kernel's layout. */
@NullMarked
package dev.quic.uapi.option;

import org.jspecify.annotations.NullMarked;
