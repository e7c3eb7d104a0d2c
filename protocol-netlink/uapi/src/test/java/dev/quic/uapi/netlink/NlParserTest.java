package dev.quic.uapi.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.uapi.Errno;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NlParserTest {
  private static NlWriter request(int type, int cmd) {
    return new NlWriter().begin(type, Nl.NLM_F_REQUEST | Nl.NLM_F_ACK, 7, 8).genl(cmd, 1);
  }

  private static int errnoOf(NlWriter w) {
    byte[] b = w.end().toBytes();
    NlRequest r = NlParser.parse(b, b.length).get(0);
    return r instanceof NlRequest.Bad bad ? bad.errno() : 0;
  }

  @Test
  void refusesAsTheKernelDoes() {
    assertThat(errnoOf(request(Nl.GENL_ID_CTRL, 99))).isEqualTo(Errno.EOPNOTSUPP);
    assertThat(errnoOf(request(Nl.GENL_ID_CTRL, 3))).isEqualTo(Errno.EINVAL);
    assertThat(errnoOf(request(Nl.GENL_ID_CTRL, 3).attrString(2, "nfsd"))).isEqualTo(Errno.ENOENT);
    assertThat(errnoOf(request(Nl.GENL_ID_CTRL, 3).attrString(2, "a".repeat(40))))
        .isEqualTo(Errno.ERANGE);
    assertThat(errnoOf(request(Nl.GENL_ID_HANDSHAKE, 1))).isEqualTo(Errno.EOPNOTSUPP);
    assertThat(errnoOf(request(Nl.GENL_ID_HANDSHAKE, 2))).isEqualTo(Errno.EINVAL);
    assertThat(errnoOf(request(Nl.GENL_ID_HANDSHAKE, 2).attrU32(2, 3))).isEqualTo(Errno.ERANGE);
    assertThat(errnoOf(request(Nl.GENL_ID_HANDSHAKE, 2).attrU16(2, 1))).isEqualTo(Errno.ERANGE);
    assertThat(errnoOf(request(Nl.GENL_ID_HANDSHAKE, 2).attrU32(2, 1))).isZero();
    assertThat(errnoOf(request(Nl.GENL_ID_HANDSHAKE, 3).attrU32(1, 0))).isEqualTo(Errno.EINVAL);
    assertThat(errnoOf(request(Nl.GENL_ID_HANDSHAKE, 3).attrU32(2, 4).attrString(4, "tag")))
        .isEqualTo(Errno.EINVAL);
    assertThat(errnoOf(request(Nl.GENL_ID_HANDSHAKE, 3).attr(2, new byte[0])))
        .isEqualTo(Errno.ERANGE);
    assertThat(errnoOf(request(0x55, 3))).isEqualTo(Errno.ENOENT);
  }

  @Test
  void doneWithoutStatusIsEio() {
    byte[] b = request(Nl.GENL_ID_HANDSHAKE, 3).attrU32(2, 4).end().toBytes();
    assertThat(NlParser.parse(b, b.length).get(0))
        .isInstanceOfSatisfying(
            NlRequest.Done.class, d -> assertThat(d.status()).isEqualTo(Errno.EIO));
  }

  @Test
  void extendedAcksSayWhatIsWrongAndWhere() {
    byte[] b = request(Nl.GENL_ID_HANDSHAKE, 2).attrU32(2, 9).end().toBytes();
    NlRequest.Bad bad = (NlRequest.Bad) NlParser.parse(b, b.length).get(0);
    byte[] e = NlReplies.error(bad.message(), bad.errno(), bad.text(), bad.offset(), true);
    NlMessage m = NlMessage.split(e, e.length).get(0);
    assertThat(m.flags()).isEqualTo(Nl.NLM_F_ACK_TLVS);
    Attributes tlvs = Attributes.parse(m.bytes(), 20 + b.length, m.bytes().length);
    assertThat(tlvs.string(Nl.NLMSGERR_ATTR_MSG)).isEqualTo("handler class out of range");
    assertThat(tlvs.u32(Nl.NLMSGERR_ATTR_OFFS, -1)).isEqualTo(20);
  }

  @Test
  void acceptRepliesComeBackAsTheyWere() {
    Random random = new Random(1);
    for (int i = 0; i < 2_000; i++) {
      int auth = 1 + random.nextInt(3);
      boolean x509 = auth == Nl.AUTH_X509;
      AcceptReply r =
          new AcceptReply(
              random.nextInt(),
              1 + random.nextInt(2),
              random.nextBoolean() ? null : "host-" + random.nextInt(),
              random.nextInt(10_000),
              random.nextInt(3),
              auth,
              auth == Nl.AUTH_PSK ? random.ints(random.nextInt(6)).boxed().toList() : List.of(),
              x509 ? random.nextInt(3) : 0,
              x509 ? random.nextInt(3) : 0);
      byte[] b = r.encode(i, 5);
      assertThat(AcceptReply.decode(NlMessage.split(b, b.length).get(0))).isEqualTo(r);
    }
  }

  @Test
  void mutatedAndRandomPacketsNeverThrow() {
    Random random = new Random(2);
    byte[][] seeds = {
      NlRequests.getFamily("handshake", 1, 2),
      NlRequests.accept(1, 3, 4),
      NlRequests.done(0, 5, List.of(1, 2, 3, 4, 5), true, 6, 7),
      NlRequests.membership(1, 14, 8, 9)
    };
    int answered = 0;
    for (int i = 0; i < 100_000; i++) {
      byte[] b = seeds[random.nextInt(seeds.length)].clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        b[random.nextInt(b.length)] = (byte) random.nextInt(256);
      }
      int len = random.nextInt(4) == 0 ? random.nextInt(b.length + 1) : b.length;
      byte[] exact = Arrays.copyOf(b, len);
      for (NlRequest r : NlParser.parse(exact, len)) {
        answered++;
        if (r instanceof NlRequest.Bad bad) {
          NlReplies.error(bad.message(), bad.errno(), bad.text(), bad.offset(), true);
        } else {
          NlReplies.ack(r.message());
        }
      }
    }
    assertThat(answered).isGreaterThan(10_000);
  }
}
