package dev.quic.uapi.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Every netlink message the real daemon and kernel exchanged, parsed and built again, byte for
 * byte.
 */
class GoldenTraceTest {
  private record Line(String file, boolean sent, byte[] bytes) {}

  private static List<Line> lines() throws IOException {
    try (InputStream in = GoldenTraceTest.class.getResourceAsStream("/tlshd/messages.txt")) {
      assertThat(in).isNotNull();
      String all = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return all.lines()
          .map(l -> l.split(" "))
          .filter(p -> p.length == 3)
          .map(p -> new Line(p[0], p[1].equals("s"), HexFormat.of().parseHex(p[2])))
          .toList();
    }
  }

  @Test
  void everyRequestOfTheDaemonIsUnderstoodAndRebuilt() throws IOException {
    int seen = 0;
    for (Line l : lines()) {
      if (!l.sent) {
        continue;
      }
      seen++;
      List<NlRequest> all = NlParser.parse(l.bytes, l.bytes.length);
      assertThat(all).hasSize(1);
      NlMessage m = all.get(0).message();
      byte[] again =
          switch (all.get(0)) {
            case NlRequest.GetFamily g -> NlRequests.getFamily(g.name(), m.seq(), m.pid());
            case NlRequest.Accept a -> NlRequests.accept(a.handlerClass(), m.seq(), m.pid());
            case NlRequest.Done d ->
                withVersion(
                    NlRequests.done(
                        d.status(),
                        d.sockfd(),
                        d.remoteAuth(),
                        d.tags(),
                        d.channelBinding(),
                        m.wantsAck(),
                        m.seq(),
                        m.pid()),
                    m);
            default -> throw new AssertionError("unexpected " + all.get(0));
          };
      assertThat(again).as(l.file).isEqualTo(l.bytes);
    }
    assertThat(seen).isGreaterThan(20);
  }

  /** The daemon's probes carry version 1 in the generic header, its real requests 0. */
  private static byte[] withVersion(byte[] bytes, NlMessage m) {
    bytes[Nl.NLMSG_HDRLEN + 1] = m.bytes()[Nl.NLMSG_HDRLEN + 1];
    return bytes;
  }

  @Test
  void everyAnswerOfTheKernelIsRebuilt() throws IOException {
    List<Line> lines = lines();
    byte[] first = lines.get(0).bytes;
    NlMessage request = NlMessage.split(first, first.length).get(0);
    int seen = 0;
    for (Line l : lines) {
      List<NlMessage> parsed = NlMessage.split(l.bytes, l.bytes.length);
      assertThat(parsed).hasSize(1);
      NlMessage m = parsed.get(0);
      if (l.sent) {
        request = m;
        continue;
      }
      seen++;
      assertThat(answer(request, m)).as(l.file).isEqualTo(l.bytes);
    }
    assertThat(seen).isGreaterThan(30);
  }

  private static byte[] answer(NlMessage request, NlMessage m) {
    if (m.type() == Nl.NLMSG_ERROR) {
      int errno = -m.payloadInt(0);
      return errno == 0 ? NlReplies.ack(request) : NlReplies.error(request, errno, "", -1, false);
    }
    if (m.type() == Nl.GENL_ID_CTRL) {
      return NlReplies.family(request);
    }
    if (m.command() == Nl.HANDSHAKE_CMD_READY) {
      return NlReplies.ready(m.attributes().u32(Nl.A_ACCEPT_HANDLER_CLASS, 0));
    }
    AcceptReply reply = AcceptReply.decode(m);
    assertThat(reply).isNotNull();
    return reply == null ? new byte[0] : reply.encode(m.seq(), m.pid());
  }
}
