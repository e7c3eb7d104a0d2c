/** System calls on AF_UNIX descriptors through FFM (docs/adr/0003-uds-descriptors.md). */
@NullMarked
package dev.quic.uds.linux;

import org.jspecify.annotations.NullMarked;
