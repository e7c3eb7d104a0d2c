/** Events of connections as qlog files, written off the packet path, for {@code --qlog}. */
@NullMarked
package dev.quic.dataplane.daemon.qlog;

import org.jspecify.annotations.NullMarked;
