package dev.quic.uapi.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a real kernel (Linux 6.18) answered, byte for byte: src/test/kernel/probe.py. */
class KernelAnswersTest {
  private static final HexFormat HEX = HexFormat.of();

  private static List<String[]> lines() throws IOException {
    try (InputStream in = KernelAnswersTest.class.getResourceAsStream("/kernel/nlctrl.txt")) {
      assertThat(in).isNotNull();
      String all = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return all.lines().map(l -> l.split(" ", 3)).toList();
    }
  }

  private static String answers(byte[] packet, NlAcks acks) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (NlRequest r : NlParser.parse(packet, packet.length)) {
      if (r instanceof NlRequest.GetFamily) {
        out.writeBytes(NlReplies.family(r.message()));
      }
      byte[] result = NlReplies.result(r, 0, acks);
      if (result != null) {
        out.writeBytes(result);
      }
    }
    return out.size() == 0 ? "-" : HEX.formatHex(out.toByteArray());
  }

  @Test
  void everyRequestGetsTheKernelsAnswer() throws IOException {
    List<String[]> lines = lines();
    assertThat(lines).hasSizeGreaterThan(200);
    for (String[] l : lines) {
      NlAcks acks = new NlAcks(l[0].contains("ext"), l[0].contains("cap"));
      assertThat(answers(HEX.parseHex(l[1]), acks)).as(l[0] + " " + l[1]).isEqualTo(l[2]);
    }
  }
}
