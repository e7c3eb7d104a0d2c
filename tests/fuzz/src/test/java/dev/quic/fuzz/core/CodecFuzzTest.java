package dev.quic.fuzz.core;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uapi.door.DoorData;
import dev.quic.uapi.netlink.NlParser;
import java.util.Arrays;
import java.util.List;

/** What comes over the descriptors, before anything is done with it. */
class CodecFuzzTest {
  private static final int NUMBERS = 5;

  /** A packet of calls on a control descriptor: what was understood is written the same way. */
  @FuzzTest(maxDuration = "10m")
  void calls(byte[] data) {
    List<DoorCall> calls = DoorCall.parse(data, data.length);
    if (calls == null) {
      return;
    }
    for (DoorCall c : calls) {
      for (int n = 0; n < NUMBERS && c.hasNumbers(n); n++) {
        int unused = n == 0 ? 0 : c.number(n - 1);
        c.tail(n);
      }
    }
    byte[] again = DoorCall.encode(calls);
    List<DoorCall> same = DoorCall.parse(again, again.length);
    if (same == null || same.size() != calls.size()) {
      throw new IllegalStateException("written in other words: " + Arrays.toString(again));
    }
  }

  /** A packet of a data descriptor. */
  @FuzzTest(maxDuration = "10m")
  void messages(byte[] data) {
    boolean unused = new DoorData().read(data, 0, data.length);
  }

  /** A packet of the handshake bus. */
  @FuzzTest(maxDuration = "10m")
  void netlink(byte[] data) {
    NlParser.parse(data, data.length, true);
    NlParser.parse(data, data.length, false);
  }
}
