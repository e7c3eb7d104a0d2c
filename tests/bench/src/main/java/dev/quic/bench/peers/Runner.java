package dev.quic.bench.peers;

import dev.quic.bench.report.Sample;
import java.io.IOException;

/** Something that can be measured once more. */
@FunctionalInterface
interface Runner {
  /**
   * @throws IOException with one line for the user: it failed this time
   */
  Sample run() throws IOException, InterruptedException;
}
