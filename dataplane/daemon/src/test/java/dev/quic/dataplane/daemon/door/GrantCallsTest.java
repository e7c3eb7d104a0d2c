package dev.quic.dataplane.daemon.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.consumer.QuicSocket;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.dataplane.daemon.handshake.FakeDaemon;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uapi.door.DoorData;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uapi.netlink.NlRequests;
import dev.quic.uds.SeqPacket;
import dev.quic.uds.door.NetlinkClient;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls on a grant's own descriptor, with the conductor on either thread. */
@Timeout(60)
@SuppressWarnings("NullAway.Init") // JUnit
class GrantCallsTest {
  private static final String PLACE = "dev.quic.dataplane.conductor";

  @TempDir Path temp;
  private DataPlane plane;
  private FakeDaemon daemon;
  private SeqPacket grant;
  private CompletableFuture<Integer> asked;
  private final byte[] in = new byte[SeqPacket.MAX_PACKET];
  private final DoorData header = new DoorData();

  @BeforeEach
  void nothing() {
    System.clearProperty(PLACE);
  }

  @AfterEach
  void stop() {
    System.clearProperty(PLACE);
    grant.close();
    daemon.close();
    plane.close();
  }

  private void start(String place) throws Exception {
    start(place, 0);
  }

  private void start(String place, int features) throws Exception {
    System.setProperty(PLACE, place);
    plane = DataPlane.builder().runDir(temp.resolve("run")).shards(1).start();
    daemon = new FakeDaemon(temp.resolve("run"));
    QuicSocket sock = plane.sockets().socket(QuicUapi.AF_INET);
    sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, new byte[] {'a'});
    sock.connect(new InetSocketAddress("127.0.0.1", 9));
    asked = plane.tls().clientHelloX509(sock, "server.test", 20_000);
    NetlinkClient.Accepted accepted = daemon.accept(features);
    assertThat(accepted.request().features()).isEqualTo(features);
    grant = SeqPacket.adopt(accepted.grant());
  }

  private static DoorCall get(int name, int max) {
    return DoorCall.of(Door.OP_GETSOCKOPT, name, 0, new byte[0], QuicUapi.SOL_QUIC, name, max);
  }

  private void send(int seq, List<DoorCall> calls) throws Exception {
    send(seq, 0, calls);
  }

  private void send(int seq, int flags, List<DoorCall> calls) throws Exception {
    byte[] packet = DoorCall.encode(calls, Door.DATA_HEADER);
    header.reset(Door.DATA_CALLS).seq = seq;
    header.flags = flags;
    header.write(packet, 0);
    grant.send(packet, 0, packet.length, -1);
  }

  private List<DoorCall> replies(int seq) {
    int n = grant.receive(in, 20_000);
    assertThat(header.read(in, 0, n)).isTrue();
    assertThat(header.type).isEqualTo(Door.DATA_REPLIES);
    assertThat(header.seq).isEqualTo(seq);
    List<DoorCall> replies = DoorCall.parse(in, Door.DATA_HEADER, n);
    assertThat(replies).isNotNull();
    return replies == null ? List.of() : replies;
  }

  @ParameterizedTest
  @ValueSource(strings = {"own", "shard"})
  void runInOrderAndStopAtTheFirstError(String place) throws Exception {
    start(place);
    send(
        7,
        List.of(
            get(QuicUapi.QUIC_SOCKOPT_ALPN, 256),
            get(QuicUapi.QUIC_SOCKOPT_CONFIG, 28),
            DoorCall.of(Door.OP_BIND, 3, 0),
            get(QuicUapi.QUIC_SOCKOPT_ALPN, 256)));
    List<DoorCall> replies = replies(7);
    assertThat(replies).extracting(DoorCall::value).containsExactly(1, 28, -Errno.EPERM);
    assertThat(replies.getFirst().payload()).containsExactly('a');
  }

  @ParameterizedTest
  @ValueSource(strings = {"own", "shard"})
  void packetsAreAnsweredInOrder(String place) throws Exception {
    start(place);
    for (int i = 1; i <= 100; i++) {
      send(i, List.of(get(QuicUapi.QUIC_SOCKOPT_ALPN, 256)));
    }
    for (int i = 1; i <= 100; i++) {
      assertThat(replies(i)).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"own", "shard"})
  void whatIsNoCallsIsAnsweredAndHarmless(String place) throws Exception {
    start(place);
    List<DoorCall> many = new ArrayList<>();
    for (int i = 0; i <= Door.MAX_CALLS; i++) {
      many.add(get(QuicUapi.QUIC_SOCKOPT_ALPN, 256));
    }
    send(1, many);
    assertThat(replies(1)).singleElement().returns(-Errno.EINVAL, DoorCall::value);
    send(2, List.of());
    assertThat(replies(2)).singleElement().returns(-Errno.EINVAL, DoorCall::value);
    send(3, List.of(DoorCall.of(Door.OP_SOCKET, 1, 0), DoorCall.of(Door.OP_CLOSE, 2, 0)));
    assertThat(replies(3)).singleElement().returns(-Errno.EPERM, DoorCall::value);
    send(4, List.of(get(QuicUapi.QUIC_SOCKOPT_ALPN, 256)));
    assertThat(replies(4)).singleElement().returns(1, DoorCall::value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"own", "shard"})
  void afterDoneTheyAreRefused(String place) throws Exception {
    start(place);
    assertThat(daemon.requests.done(Errno.EACCES, grant.number(), List.of())).isZero();
    assertThat(asked).isCompletedExceptionally();
    send(1, List.of(get(QuicUapi.QUIC_SOCKOPT_ALPN, 256)));
    int n = grant.receive(in, 20_000);
    while (header.read(in, 0, n) && header.type == Door.DATA_CLOSED) {
      n = grant.receive(in, 20_000);
    }
    assertThat(header.type).isEqualTo(Door.DATA_REPLIES);
    List<DoorCall> replies = DoorCall.parse(in, Door.DATA_HEADER, n);
    assertThat(replies).singleElement().returns(-Errno.EPIPE, DoorCall::value);
  }

  private static DoorCall done(int status) {
    return new DoorCall(Door.OP_DONE, 9, 0, NlRequests.done(status, 0, List.of(), true, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"own", "shard"})
  void whatEveryHandshakeAsksForIsAnsweredUnasked(String place) throws Exception {
    start(place, Nl.FEATURE_AHEAD);
    List<DoorCall> ahead = replies(Door.AHEAD_SEQ);
    assertThat(ahead)
        .extracting(DoorCall::op)
        .containsExactly(
            Door.OP_GETPEERNAME,
            Door.OP_GETSOCKOPT,
            Door.OP_GETSOCKOPT,
            Door.OP_GETSOCKOPT,
            Door.OP_GETSOCKOPT,
            Door.OP_GETSOCKOPT);
    assertThat(ahead).allSatisfy(r -> assertThat(r.value()).isNotNegative());
    assertThat(ahead.get(2).payload()).containsExactly('a');
    send(1, List.of(get(QuicUapi.QUIC_SOCKOPT_ALPN, 256)));
    assertThat(replies(1)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"own", "shard"})
  void quietCallsAreAnsweredOnlyWhenOneFails(String place) throws Exception {
    start(place);
    send(1, Door.QUIET, List.of(get(QuicUapi.QUIC_SOCKOPT_ALPN, 256)));
    send(2, Door.QUIET, List.of(DoorCall.of(Door.OP_BIND, 3, 0)));
    send(3, List.of(get(QuicUapi.QUIC_SOCKOPT_ALPN, 256)));
    assertThat(replies(2)).singleElement().returns(-Errno.EPERM, DoorCall::value);
    assertThat(replies(3)).singleElement().returns(1, DoorCall::value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"own", "shard"})
  void doneAsTheLastCallEndsTheRequestAndTheGrant(String place) throws Exception {
    start(place, Nl.FEATURE_DONE);
    send(1, List.of(get(QuicUapi.QUIC_SOCKOPT_ALPN, 256), done(Errno.EKEYREJECTED)));
    assertThat(replies(1)).extracting(DoorCall::value).containsExactly(1, 0);
    assertThat(asked)
        .failsWithin(java.time.Duration.ofSeconds(20))
        .withThrowableThat()
        .withMessageContaining("EKEYREJECTED");
    assertThat(grant.receive(in, 20_000)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"own", "shard"})
  void aFailedCallKeepsTheRequestFromEnding(String place) throws Exception {
    start(place, Nl.FEATURE_DONE);
    send(1, List.of(DoorCall.of(Door.OP_BIND, 3, 0), done(0)));
    assertThat(replies(1)).singleElement().returns(-Errno.EPERM, DoorCall::value);
    send(2, Door.QUIET, List.of(DoorCall.of(Door.OP_BIND, 3, 0)));
    send(3, List.of(done(0)));
    assertThat(replies(2)).singleElement().returns(-Errno.EPERM, DoorCall::value);
    assertThat(replies(3)).singleElement().returns(-Errno.EIO, DoorCall::value);
    assertThat(asked).isNotDone();
    send(4, List.of(done(Errno.EACCES)));
    assertThat(replies(4)).singleElement().returns(0, DoorCall::value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"own", "shard"})
  void doneIsNoCallForWhoDidNotAskForIt(String place) throws Exception {
    start(place);
    send(1, List.of(done(0)));
    assertThat(replies(1)).singleElement().returns(-Errno.EPERM, DoorCall::value);
    assertThat(asked).isNotDone();
  }

  @ParameterizedTest
  @ValueSource(strings = {"own", "shard"})
  void closingWithCallsUnderWayEndsTheRequest(String place) throws Exception {
    start(place);
    for (int i = 1; i <= 20; i++) {
      send(i, List.of(get(QuicUapi.QUIC_SOCKOPT_ALPN, 256)));
    }
    grant.close();
    assertThat(asked)
        .failsWithin(java.time.Duration.ofSeconds(20))
        .withThrowableThat()
        .withMessageContaining("EIO");
  }
}
