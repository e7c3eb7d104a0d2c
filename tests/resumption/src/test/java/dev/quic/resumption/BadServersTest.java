package dev.quic.resumption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.crypto.RetryTag;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.handshaked.tls.session.ReplayGuard;
import dev.quic.resumption.client.Case;
import dev.quic.resumption.client.ProbeConfig;
import dev.quic.resumption.client.Requester;
import dev.quic.resumption.client.ServerProbe;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** What a server does wrong is found. */
final class BadServersTest {
  private final VirtualTime time = new VirtualTime();

  /** Vouches for everything. */
  private static final class Careless implements ReplayGuard {
    @Override
    public long id() {
      return 7;
    }

    @Override
    public long windowMillis() {
      return Integer.MAX_VALUE;
    }

    @Override
    public boolean firstSeen(byte[] unique, long nowMillis) {
      return true;
    }
  }

  private ProbeConfig config(ServerSetup setup) {
    WireUnderTest server = new WireUnderTest(setup);
    return ProbeConfig.of(
        "bad", new VirtualTarget(time, () -> server), setup.client(), Requester.hq("/"));
  }

  private static CaseResult run(ProbeConfig config, Case c) throws Exception {
    return new ServerProbe(config).run(List.of(c), result -> {}).results().getFirst();
  }

  @Test
  void earlyDataTakenTwiceFails() throws Exception {
    ServerSetup setup = new ServerSetup(time);
    setup.guard = new Careless();
    CaseResult result = run(config(setup), Case.REPLAYED);
    assertThat(result.verdict()).as(result.seen()).isEqualTo(Verdict.FAILED);
    assertThat(result.seen()).contains("first: pre_shared_key; copy: ", " early_data");
  }

  @Test
  void earlyDataTakenTwiceByTwoServersFails() throws Exception {
    ServerSetup setup = new ServerSetup(time);
    setup.guard = new Careless();
    WireUnderTest second = new WireUnderTest(setup.sharing());
    CaseResult result =
        run(
            config(setup).withOthers(new VirtualTarget(time, () -> second), null),
            Case.REPLAYED_ELSEWHERE);
    assertThat(result.verdict()).as(result.seen()).isEqualTo(Verdict.FAILED);
  }

  @Test
  void aServerThatBelievesAnyAgeIsWarnedOf() throws Exception {
    ServerSetup setup = new ServerSetup(time);
    setup.guard = new Careless();
    assertThat(run(config(setup), Case.EARLY_STALE).verdict()).isEqualTo(Verdict.WARNING);
  }

  @Test
  void keysThatAreNeverForgottenFail() throws Exception {
    CaseResult result =
        run(config(new ServerSetup(time)).withCooperation(name -> true), Case.KEY_GONE);
    assertThat(result.verdict()).isEqualTo(Verdict.FAILED);
    assertThat(result.seen()).contains("pre_shared_key, no Certificate");
  }

  @Test
  void ticketsThatNeverExpireFail() throws Exception {
    CaseResult result =
        run(config(new ServerSetup(time)).withCooperation(name -> true), Case.EXPIRED);
    assertThat(result.verdict()).isEqualTo(Verdict.FAILED);
  }

  @Test
  void limitsThatWereNotLoweredFail() throws Exception {
    CaseResult result =
        run(config(new ServerSetup(time)).withCooperation(name -> true), Case.PARAMS_LOWERED);
    assertThat(result.verdict()).isEqualTo(Verdict.FAILED);
    assertThat(result.seen()).contains("the hook lowered no limit");
  }

  @Test
  void serversThatShareInSecretFail() throws Exception {
    ServerSetup setup = new ServerSetup(time);
    WireUnderTest second = new WireUnderTest(setup.sharing());
    CaseResult result =
        run(config(setup).withOthers(null, new VirtualTarget(time, () -> second)), Case.UNSHARED);
    assertThat(result.verdict()).isEqualTo(Verdict.FAILED);
  }

  @Test
  void aServerThatIsSilentIsAskedOnce() throws Exception {
    ServerSetup setup = new ServerSetup(time);
    ProbeConfig config =
        ProbeConfig.of("none", new SilentTarget(time), setup.client(), Requester.hq("/"));
    Report report = new ServerProbe(config).run(List.of(Case.FULL, Case.RESUMED), result -> {});
    assertThat(report.results())
        .extracting(CaseResult::seen)
        .containsExactly("nothing came back", "the server does not answer");
    assertThat(report.passed(false)).isFalse();
  }

  @Test
  void withoutEarlyDataAnotherProtocolShowsNothing() throws Exception {
    ServerSetup setup = new ServerSetup(time);
    setup.guard = null;
    CaseResult result = run(config(setup).withOtherAlpn(ServerSetup.OTHER_ALPN), Case.OTHER_ALPN);
    assertThat(result.verdict()).as(result.seen()).isEqualTo(Verdict.NOT_RUN);
  }

  @Test
  void aServerThatGoesSilentInsteadOfAskingForAnotherKeyShareFails() throws Exception {
    ServerSetup setup = new ServerSetup(time);
    WireUnderTest server = new WireUnderTest(setup);
    // The first port is where the session comes from.
    VirtualServer silent = new Filter(server, port -> port != VirtualTarget.FIRST_PORT + 1);
    ProbeConfig config =
        ProbeConfig.of(
            "bad", new VirtualTarget(time, () -> silent), setup.client(), Requester.hq("/"));
    CaseResult result = run(config, Case.EARLY_RETRIED);
    assertThat(result.verdict()).as(result.seen()).isEqualTo(Verdict.FAILED);
    assertThat(result.seen()).isEqualTo("nothing came back");
  }

  @Test
  void aRetryThatLeavesNoRoomFailsItsCase() throws Exception {
    ServerSetup setup = new ServerSetup(time);
    LongRetry server = new LongRetry();
    ProbeConfig config =
        ProbeConfig.of(
            "bad", new VirtualTarget(time, () -> server), setup.client(), Requester.hq("/"));
    CaseResult result = run(config, Case.FULL);
    assertThat(result.verdict()).isEqualTo(Verdict.FAILED);
    assertThat(result.seen()).contains("Retry", "token of 1150 bytes");
  }

  /** Hears some ports only. */
  private record Filter(VirtualServer server, IntPredicate heard) implements VirtualServer {
    @Override
    public void receive(int port, byte[] datagram, long now) {
      if (heard.test(port)) {
        server.receive(port, datagram, now);
      }
    }

    @Override
    public List<Answer> take(long now) {
      return server.take(now);
    }

    @Override
    public long deadline() {
      return server.deadline();
    }

    @Override
    public void onTimer(long now) {
      server.onTimer(now);
    }
  }

  /** Answers all with a Retry that fills a datagram. */
  private static final class LongRetry implements VirtualServer {
    private static final int TOKEN = 1_150;
    private static final byte RETRY = (byte) 0xf0;
    private static final int IDS_AT = 5;

    private final List<Answer> answers = new ArrayList<>();

    @Override
    public void receive(int port, byte[] datagram, long now) {
      PacketHeader header = new PacketHeader();
      if (header.parse(datagram, 0, datagram.length) != PacketHeader.Kind.INITIAL) {
        return;
      }
      byte[] to = header.scid(datagram).toBytes();
      byte[] original = header.dcid(datagram).toBytes();
      ByteArrayOutputStream retry = new ByteArrayOutputStream();
      retry.write(RETRY);
      retry.write(datagram, 1, IDS_AT - 1);
      retry.write(to.length);
      retry.writeBytes(to);
      retry.write(original.length);
      retry.writeBytes(new byte[original.length]);
      retry.writeBytes(new byte[TOKEN]);
      byte[] body = retry.toByteArray();
      retry.writeBytes(RetryTag.compute(QuicVersion.V1, original, body, 0, body.length));
      answers.add(new Answer(port, retry.toByteArray()));
    }

    @Override
    public List<Answer> take(long now) {
      List<Answer> all = List.copyOf(answers);
      answers.clear();
      return all;
    }

    @Override
    public long deadline() {
      return Long.MAX_VALUE;
    }

    @Override
    public void onTimer(long now) {
      throw new IllegalStateException("there is no timer");
    }
  }

  @Test
  void jsonSaysTheSameAsTheTable() throws Exception {
    Report report =
        new Report("a \"peer\"", List.of(new CaseResult("x", "y", "z\t", Verdict.WARNING)));
    assertThat(report.json())
        .isEqualTo(
            """
            {"peer": "a \\"peer\\"", "passed": true, "cases": [
              {"case": "x", "expected": "y", "seen": "z\\u0009", "verdict": "warning"}
            ]}
            """);
    assertThat(report.table())
        .isEqualTo(
            """
            case  expected  seen  verdict
            x     y         z?    warning
            0 ok, 1 warning, 0 failed, 0 not run
            """);
    assertThat(report.passed(true)).isFalse();
  }
}
