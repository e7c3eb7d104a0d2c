/**
 * QuicNet: listener and connection tables, demultiplexing, counters; the contract with the shell
 * (Host, RxBatch, TxBatch).
 */
@NullMarked
package dev.quic.dataplane.core.protocol;

import org.jspecify.annotations.NullMarked;
