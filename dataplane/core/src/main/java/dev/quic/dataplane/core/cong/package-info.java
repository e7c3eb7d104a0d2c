/** RTT, congestion control, pacing rate. Knows no packets. */
@NullMarked
package dev.quic.dataplane.core.cong;

import org.jspecify.annotations.NullMarked;
