package dev.quic.fuzz.core;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Frames in packets with good keys, to a server or a client. */
class FrameFuzzTest {
  private static final int PACKETS = 16;

  /** Input: for each packet a byte, whose lowest bit says to whom, its length, its frames. */
  @FuzzTest(maxDuration = "10m")
  void frames(byte[] data) {
    Input in = new Input(data);
    Ends e = new Ends();
    for (int i = 0; in.more() && i < PACKETS; i++) {
      boolean toServer = (in.u8() & 1) == 0;
      e.packet(toServer, in.take(Math.min(1_150, in.u16())));
    }
    e.settle();
    e.close();
  }
}
