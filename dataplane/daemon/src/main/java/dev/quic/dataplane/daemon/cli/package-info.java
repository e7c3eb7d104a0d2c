/** The data plane's command line and its assembly. */
@NullMarked
package dev.quic.dataplane.daemon.cli;

import org.jspecify.annotations.NullMarked;
