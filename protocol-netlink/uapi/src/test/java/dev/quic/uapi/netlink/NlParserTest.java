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

  private static String refusal(NlWriter w) {
    return refusal(w.end().toBytes());
  }

  private static String refusal(byte[] b) {
    NlRequest r = NlParser.parse(b, b.length).get(0);
    return r instanceof NlRequest.Bad bad
        ? Errno.name(bad.errno()) + " " + bad.text() + " " + bad.offset()
        : "none";
  }

  private static NlWriter accept() {
    return request(Nl.GENL_ID_HANDSHAKE, Nl.HANDSHAKE_CMD_ACCEPT);
  }

  private static NlWriter done() {
    return request(Nl.GENL_ID_HANDSHAKE, Nl.HANDSHAKE_CMD_DONE);
  }

  @Test
  void refusesAsTheKernelDoes() {
    // nlctrl's refusals are compared with a real kernel's in KernelAnswersTest.
    assertThat(refusal(request(Nl.GENL_ID_HANDSHAKE, 1))).isEqualTo("EOPNOTSUPP  -1");
    assertThat(refusal(request(Nl.GENL_ID_HANDSHAKE, 4))).isEqualTo("EOPNOTSUPP  -1");
    assertThat(refusal(request(0x55, 3))).isEqualTo("ENOENT  -1");
    assertThat(refusal(accept())).isEqualTo("EINVAL  -1");
    assertThat(refusal(accept().attrU32(2, 1))).isEqualTo("none");
    assertThat(refusal(accept().attrU32(2, 3))).isEqualTo("ERANGE integer out of range 20");
    assertThat(refusal(accept().attrU32(2, -1))).isEqualTo("ERANGE integer out of range 20");
    assertThat(refusal(accept().attrU16(2, 1))).isEqualTo("EINVAL invalid attribute length 20");
    assertThat(refusal(accept().attr(2, new byte[0])))
        .isEqualTo("EINVAL invalid attribute length 20");
    assertThat(refusal(accept().attr(2, new byte[8])))
        .isEqualTo("EINVAL invalid attribute length 20");
    assertThat(refusal(accept().attrU32(0x8002, 1)))
        .isEqualTo("EINVAL NLA_F_NESTED not expected 20");
    assertThat(refusal(accept().attrU32(2, 1).attrU32(1, 1)))
        .isEqualTo("EINVAL Unsupported attribute 28");
    assertThat(refusal(accept().attrU32(2, 1).attrU32(3, 1)))
        .isEqualTo("EINVAL Unknown attribute type 28");
    assertThat(refusal(accept().attrU32(0, 1))).isEqualTo("EINVAL Unknown attribute type 20");
    assertThat(refusal(done().attrU32(1, 0))).isEqualTo("EINVAL  -1");
    assertThat(refusal(done().attrU32(2, 4).attrString(4, "tag"))).isEqualTo("none");
    assertThat(refusal(done().attrU32(2, 4).attrString(5, "tag")))
        .isEqualTo("EINVAL Unknown attribute type 28");
    assertThat(refusal(done().attr(2, new byte[0])))
        .isEqualTo("EINVAL invalid attribute length 20");
    assertThat(refusal(done().attrU32(2, -1))).isEqualTo("none");
  }

  @Test
  void headersAreChecked() {
    byte[] reserved = accept().attrU32(2, 1).end().toBytes();
    reserved[18] = 1;
    assertThat(refusal(reserved)).isEqualTo("EINVAL genlmsghdr.reserved field is not 0 -1");
    byte[] flags = accept().attrU32(2, 1).end().toBytes();
    flags[7] = 4;
    assertThat(refusal(flags)).isEqualTo("EINVAL ambiguous or reserved bits set in nlmsg_flags -1");
    byte[] dump = accept().attrU32(2, 1).end().toBytes();
    dump[7] = 3;
    assertThat(refusal(dump)).isEqualTo("EOPNOTSUPP  -1");
    byte[] leftover = accept().attrU32(2, 1).u32(0).end().toBytes();
    assertThat(refusal(leftover)).isEqualTo("EINVAL bytes leftover after parsing attributes -1");
    assertThat(refusal(new NlWriter().begin(Nl.NLMSG_MEMBERSHIP, Nl.NLM_F_REQUEST, 1, 2).u32(1)))
        .startsWith("EINVAL");
  }

  @Test
  void whoMayNotAcceptGetsEpermBeforeAnythingElse() {
    byte[] b = accept().attrU32(7, 1).end().toBytes();
    assertThat(NlParser.parse(b, b.length, false).get(0))
        .isInstanceOfSatisfying(
            NlRequest.Bad.class, bad -> assertThat(bad.errno()).isEqualTo(Errno.EPERM));
    byte[] d = done().attrU32(2, 4).end().toBytes();
    assertThat(NlParser.parse(d, d.length, false).get(0)).isInstanceOf(NlRequest.Done.class);
  }

  @Test
  void whatIsNoRequestIsAcknowledgedAtMost() {
    byte[] b = NlRequests.accept(1, 3, 4);
    b[6] = Nl.NLM_F_ACK;
    NlRequest r = NlParser.parse(b, b.length).get(0);
    assertThat(r).isInstanceOf(NlRequest.Noop.class);
    assertThat(NlReplies.result(r, 0, NlAcks.PLAIN)).isEqualTo(NlReplies.ack(r.message()));
    b[6] = 0;
    r = NlParser.parse(b, b.length).get(0);
    assertThat(NlReplies.result(r, 0, NlAcks.PLAIN)).isNull();
  }

  /** The policies as a capability probe reads them. */
  @Test
  void policiesCanBeDumped() {
    NlWriter w = new NlWriter().begin(Nl.GENL_ID_CTRL, Nl.NLM_F_REQUEST | Nl.NLM_F_DUMP, 1, 2);
    w.genl(Nl.CTRL_CMD_GETPOLICY, 1).attrString(Nl.CTRL_ATTR_FAMILY_NAME, "handshake").end();
    byte[] b = w.toBytes();
    NlRequest r = NlParser.parse(b, b.length).get(0);
    assertThat(r).isInstanceOf(NlRequest.GetFamily.class);
    byte[] dump = NlReplies.family(r.message());
    StringBuilder seen = new StringBuilder();
    for (NlMessage m : NlMessage.split(dump, dump.length)) {
      if (m.type() == Nl.NLMSG_DONE) {
        seen.append("done");
        continue;
      }
      for (Attributes.Attr a : m.attributes().getAll(Nl.CTRL_ATTR_POLICY)) {
        Attributes.Attr policy = a.inside().all().get(0);
        Attributes.Attr attr = policy.inside().all().get(0);
        seen.append(policy.type()).append('.').append(attr.type()).append(':');
        seen.append(attr.inside().u32(Nl.NL_POLICY_TYPE_ATTR_TYPE, 0)).append(' ');
      }
    }
    assertThat(seen.toString()).isEqualTo("0.2:4 1.1:4 1.2:8 1.3:4 1.4:12 done");
  }

  @Test
  void doneCarriesTagsAndTheChannelBinding() {
    byte[] binding = new byte[Nl.CHANNEL_BINDING_BYTES];
    binding[0] = 7;
    byte[] b = NlRequests.done(0, 4, List.of(9), List.of("staff", "b"), binding, true, 1, 2);
    assertThat(NlParser.parse(b, b.length).get(0))
        .isInstanceOfSatisfying(
            NlRequest.Done.class,
            d -> {
              assertThat(d.tags()).containsExactly("staff", "b");
              assertThat(d.channelBinding()).isEqualTo(binding);
              assertThat(d.remoteAuth()).containsExactly(9);
            });
    List<String> many = java.util.Collections.nCopies(Nl.MAX_TAGS + 1, "x");
    b = NlRequests.done(0, 4, List.of(), many, new byte[0], true, 1, 2);
    assertThat(NlParser.parse(b, b.length).get(0))
        .isInstanceOfSatisfying(
            NlRequest.Done.class,
            d -> {
              assertThat(d.tags()).hasSize(Nl.MAX_TAGS);
              assertThat(d.channelBinding()).isEmpty();
            });
    b = NlRequests.done(0, 4, List.of(), List.of(), new byte[31], true, 1, 2);
    assertThat(NlParser.parse(b, b.length).get(0))
        .isInstanceOfSatisfying(
            NlRequest.Bad.class, bad -> assertThat(bad.errno()).isEqualTo(Errno.ERANGE));
    b = NlRequests.done(0, 4, List.of(), List.of("x".repeat(513)), new byte[0], true, 1, 2);
    assertThat(NlParser.parse(b, b.length).get(0)).isInstanceOf(NlRequest.Bad.class);
  }

  @Test
  void acceptTellsHowLongARequestWaited() {
    AcceptReply reply =
        new AcceptReply(4, 1, "server.test", 3_000, 0, Nl.AUTH_X509, List.of(), 0, 0, 250, 3);
    byte[] b = reply.encode(1, 2);
    assertThat(AcceptReply.decode(NlMessage.split(b, b.length).get(0))).isEqualTo(reply);
    assertThat(reply.withSockfd(5).waitedMs()).isEqualTo(250);
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
    byte[] e = NlReplies.error(bad.message(), bad.fault(), new NlAcks(true, false));
    NlMessage m = NlMessage.split(e, e.length).get(0);
    assertThat(m.flags()).isEqualTo(Nl.NLM_F_ACK_TLVS);
    Attributes tlvs = Attributes.parse(m.bytes(), 20 + b.length, m.bytes().length);
    assertThat(tlvs.string(Nl.NLMSGERR_ATTR_MSG)).isEqualTo("integer out of range");
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
        NlReplies.result(r, i & 1, new NlAcks((i & 2) != 0, (i & 4) != 0));
        if (r instanceof NlRequest.GetFamily) {
          NlReplies.family(r.message());
        }
      }
    }
    assertThat(answered).isGreaterThan(10_000);
  }

  @Test
  void mutatedAnswersNeverThrow() {
    Random random = new Random(3);
    byte[] seed =
        new AcceptReply(4, 1, "server.test", 3_000, 7, Nl.AUTH_X509, List.of(), 5, 6).encode(1, 2);
    int decoded = 0;
    for (int i = 0; i < 100_000; i++) {
      byte[] b = seed.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        b[16 + random.nextInt(b.length - 16)] = (byte) random.nextInt(256);
      }
      for (NlMessage m : NlMessage.split(b, random.nextInt(8) == 0 ? b.length / 2 : b.length)) {
        decoded += AcceptReply.decode(m) == null ? 0 : 1;
      }
    }
    assertThat(decoded).isGreaterThan(10_000);
  }
}
