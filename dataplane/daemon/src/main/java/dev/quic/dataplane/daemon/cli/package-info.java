/** The data plane's command line and its assembly. The only package that knows all the others. */
@NullMarked
package dev.quic.dataplane.daemon.cli;

import org.jspecify.annotations.NullMarked;
