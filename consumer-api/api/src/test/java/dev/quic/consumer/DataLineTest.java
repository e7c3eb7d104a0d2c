package dev.quic.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class DataLineTest {
  private static final int FIN = QuicUapi.MSG_QUIC_STREAM_FIN;

  private final FakeDescriptor fd = new FakeDescriptor();
  private final DataLine line = new DataLine(fd);
  private final QuicMsg msg = QuicMsg.plain();
  private final byte[] buf = new byte[256];

  private static void assertErrno(int errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(QuicException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  private String receive(int max) throws QuicException {
    msg.flags = 0;
    int n = line.receive(msg, buf, 0, max, false);
    return new String(buf, 0, n, StandardCharsets.US_ASCII);
  }

  private int send(QuicMsg m, int len, boolean wait) throws QuicException {
    return line.send(m, new byte[len], 0, len, wait);
  }

  @Test
  void aPartialReadKeepsTheRestAndItsEnd() throws Exception {
    fd.recv(QuicUapi.QUIC_STREAM_INFO, 4, FIN, QuicUapi.MSG_EOR, "abcdef");
    assertThat(receive(4)).isEqualTo("abcd");
    assertThat(msg.isFin()).isFalse();
    assertThat(msg.flags).isZero();
    assertThat(msg.streamId).isEqualTo(4);
    assertThat(line.pollIn(0)).isTrue();
    assertThat(receive(4)).isEqualTo("ef");
    assertThat(msg.isFin()).isTrue();
    assertThat(msg.flags).isEqualTo(QuicUapi.MSG_EOR);
    assertThat(line.pollIn(0)).isFalse();
    assertErrno(Errno.EAGAIN, () -> receive(4));
  }

  @Test
  void peekLeavesTheBytes() throws Exception {
    fd.recv(QuicUapi.QUIC_STREAM_INFO, 0, 0, 0, "abc");
    msg.flags = QuicUapi.MSG_PEEK;
    assertThat(line.receive(msg, buf, 0, 2, false)).isEqualTo(2);
    assertThat(receive(8)).isEqualTo("abc");
  }

  /** What goes straight to the reader's buffer is no buffer to use again. */
  @Test
  void onlyWhatHadABufferOfItsOwnIsGivenBack() throws Exception {
    fd.recv(QuicUapi.QUIC_STREAM_INFO, 0, 0, 0, "abcd");
    assertThat(receive(4)).isEqualTo("abcd");
    assertThat(fd.recycled).isEmpty();
    fd.recv(QuicUapi.QUIC_STREAM_INFO, 0, 0, 0, "efghi");
    fd.recv(QuicUapi.QUIC_STREAM_INFO, 0, 0, 0, "jk");
    assertThat(receive(4)).isEqualTo("efgh");
    assertThat(fd.recycled).isEmpty();
    assertThat(receive(4)).isEqualTo("i");
    assertThat(fd.recycled).hasSize(1);
    assertThat(receive(4)).isEqualTo("jk");
    assertThat(fd.recycled).hasSize(1);
    assertThat(line.pollIn(0)).isFalse();
  }

  @Test
  void anEmptyEndIsDelivered() throws Exception {
    fd.recv(QuicUapi.QUIC_STREAM_INFO, 0, FIN, 0, "");
    assertThat(receive(8)).isEmpty();
    assertThat(msg.isFin()).isTrue();
  }

  @Test
  void handshakeMessagesCarryTheirLevel() throws Exception {
    fd.recv(QuicUapi.QUIC_HANDSHAKE_INFO, 0, QuicUapi.QUIC_CRYPTO_HANDSHAKE, 0, "x");
    assertThat(receive(8)).isEqualTo("x");
    assertThat(msg.cmsg).isEqualTo(QuicUapi.QUIC_HANDSHAKE_INFO);
    assertThat(msg.cryptoLevel).isEqualTo(QuicUapi.QUIC_CRYPTO_HANDSHAKE);
    assertThat(msg.streamId).isEqualTo(-1);
  }

  @Test
  void queuedDataIsReadableAfterTheEnd() throws Exception {
    fd.recv(QuicUapi.QUIC_STREAM_INFO, 0, 0, 0, "last");
    fd.closed(Errno.ETIMEDOUT);
    assertThat(receive(8)).isEqualTo("last");
    assertThat(line.pollIn(-1)).isTrue();
    assertThatThrownBy(() -> receive(8))
        .hasMessage("recvmsg: the connection is closed (ETIMEDOUT): ENOTCONN");
    assertErrno(Errno.ENOTCONN, () -> receive(8));
    assertErrno(Errno.EPIPE, () -> send(QuicMsg.plain(), 1, true));
    assertErrno(Errno.EPIPE, () -> send(QuicMsg.plain(), 1, false));
  }

  @Test
  void aDataPlaneThatVanishesIsAClosedConnection() {
    fd.hangUp();
    assertErrno(Errno.ENOTCONN, () -> receive(8));
  }

  @Test
  void blockingSendsArePipelinedAndTheirErrorComesLater() throws Exception {
    assertThat(send(QuicMsg.stream(0, 0), 10, true)).isEqualTo(10);
    assertThat(fd.sent.getFirst().flags & DataPacket.WANT_RESULT).isZero();
    fd.result(0, -Errno.ENOSTR);
    assertThat(line.pollIn(-1)).isTrue();
    assertErrno(Errno.ENOSTR, () -> send(QuicMsg.stream(0, 0), 10, true));
    assertThat(send(QuicMsg.stream(0, 0), 10, true)).isEqualTo(10);
  }

  @Test
  void aPipelinedErrorAlsoComesOutOfAReceive() {
    fd.result(0, -Errno.EINVAL);
    assertErrno(Errno.EINVAL, () -> receive(8));
    assertErrno(Errno.EAGAIN, () -> receive(8));
  }

  @Test
  void nonBlockingSendsWaitForTheAnswer() throws Exception {
    fd.answer =
        packet -> {
          assertThat(packet.flags & DataPacket.WANT_RESULT).isNotZero();
          fd.recv(QuicUapi.QUIC_STREAM_INFO, 0, 0, 0, "between");
          fd.result(packet.seq, packet.seq == 1 ? 7 : -Errno.ENOSPC);
        };
    assertThat(send(QuicMsg.stream(0, 0), 10, false)).isEqualTo(7);
    assertErrno(Errno.ENOSPC, () -> send(QuicMsg.stream(0, 0), 10, false));
    assertThat(receive(8)).isEqualTo("between");
    assertThat(receive(8)).isEqualTo("between");
  }

  @Test
  void aFullDescriptorIsEagain() {
    fd.full = true;
    assertErrno(Errno.EAGAIN, () -> send(QuicMsg.stream(0, 0), 10, false));
  }

  @Test
  void aReceiverThatWaitsReadsTheSendersResult() throws Exception {
    CompletableFuture<Integer> received = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            received.complete(line.receive(QuicMsg.plain(), buf, 0, 8, true));
          } catch (QuicException e) {
            received.completeExceptionally(e);
          }
        });
    fd.answer = packet -> fd.result(packet.seq, packet.length());
    for (int i = 0; i < 100; i++) {
      assertThat(send(QuicMsg.stream(0, 0), 10, false)).isEqualTo(10);
    }
    fd.recv(QuicUapi.QUIC_STREAM_INFO, 0, 0, 0, "abc");
    assertThat(received.join()).isEqualTo(3);
  }

  @Test
  void aLongMessageIsCutAndOnlyItsEndsOpenAndCloseTheStream() throws Exception {
    int len = 2 * DataPacket.MAX_PAYLOAD + 1;
    QuicMsg whole = QuicMsg.stream(8, QuicUapi.MSG_QUIC_STREAM_NEW | FIN);
    assertThat(send(whole, len, true)).isEqualTo(len);
    assertThat(fd.sent).hasSize(3);
    assertThat(fd.sent.get(0).streamFlags).isEqualTo(QuicUapi.MSG_QUIC_STREAM_NEW);
    assertThat(fd.sent.get(0).flags).isEqualTo(QuicUapi.MSG_MORE);
    assertThat(fd.sent.get(1).streamFlags).isZero();
    assertThat(fd.sent.get(2).streamFlags).isEqualTo(FIN);
    assertThat(fd.sent.get(2).flags).isZero();
    assertThat(fd.sent.get(2).length()).isEqualTo(1);
  }

  @Test
  void aStreamTheDataPlanePicksTakesOnePieceAtATime() throws Exception {
    int len = DataPacket.MAX_PAYLOAD + 1;
    assertThat(send(QuicMsg.stream(-1, 0), len, true)).isEqualTo(DataPacket.MAX_PAYLOAD);
    QuicMsg datagram = QuicMsg.plain();
    datagram.flags = QuicUapi.MSG_QUIC_DATAGRAM;
    assertErrno(Errno.EMSGSIZE, () -> send(datagram, len, true));
  }

  @Test
  void aBarrierWaitsForEarlierSendsOnly() throws Exception {
    line.barrier();
    assertThat(fd.sent).isEmpty();
    send(QuicMsg.stream(0, 0), 10, true);
    fd.answer = packet -> fd.result(packet.seq, -Errno.EINVAL);
    line.barrier();
    line.barrier();
    assertThat(fd.sent).hasSize(2);
    fd.answer = packet -> {};
    send(QuicMsg.stream(0, 0), 10, true);
    fd.closed(0);
    line.barrier();
  }

  @Test
  void aSendThatWaitsForThePeerHoldsNoOtherCallUp() throws Exception {
    send(QuicMsg.stream(0, 0), 10, true);
    line.barrier();
    assertErrno(Errno.EAGAIN, () -> send(QuicMsg.stream(4, 0), 10, false));
    assertThat(fd.sent).hasSize(2);
    fd.answer = packet -> fd.result(packet.seq, packet.length());
    fd.result(fd.sent.getLast().seq, -Errno.EINVAL);
    assertThat(send(QuicMsg.stream(4, 0), 10, false)).isEqualTo(10);
  }

  private int sendFor(int ms, int len) throws QuicException {
    long deadline = System.nanoTime() + ms * 1_000_000L;
    return line.sendBefore(QuicMsg.stream(4, 0), new byte[len], 0, len, deadline);
  }

  @Test
  void aDeadlineLeavesAFewBytesWhoseResultIsTheNewsOfCredit() throws Exception {
    fd.answer =
        packet -> {
          if ((packet.flags & QuicUapi.MSG_DONTWAIT) != 0) {
            fd.result(packet.seq, -Errno.ENOSPC);
          }
        };
    assertThat(sendFor(20, 1000)).isEqualTo(DeadlineSends.PROBE);
    assertErrno(Errno.EAGAIN, () -> sendFor(20, 1000));
    assertThat(fd.sent).hasSize(2);
    fd.answer = packet -> fd.result(packet.seq, packet.length());
    fd.result(fd.sent.get(1).seq, DeadlineSends.PROBE);
    assertThat(sendFor(20_000, 1000)).isEqualTo(1000);
    fd.full = true;
    assertErrno(Errno.EAGAIN, () -> sendFor(0, 10));
  }

  @Test
  void theErrorOfWhatWasLeftComesOutOfTheNextSend() throws Exception {
    fd.answer =
        packet -> {
          boolean now = (packet.flags & QuicUapi.MSG_DONTWAIT) != 0;
          if (now || packet.length() < 100) {
            fd.result(packet.seq, now ? -Errno.EAGAIN : -Errno.ENOSTR);
          }
        };
    assertThat(sendFor(20, 1000)).isEqualTo(DeadlineSends.PROBE);
    fd.result(fd.sent.getLast().seq, -Errno.EINVAL);
    assertErrno(Errno.EINVAL, () -> sendFor(20_000, 1000));
    assertErrno(Errno.ENOSTR, () -> sendFor(20_000, 10));
    fd.closed(0);
    assertErrno(Errno.EPIPE, () -> sendFor(20_000, 1000));
  }

  @Test
  void whatIsNotForThisKindOfSocketIsDropped() {
    fd.recv(QuicUapi.QUIC_STREAM_INFO, 0, 0, 0, "x");
    assertErrno(Errno.EAGAIN, () -> line.accept(false));
  }

  @Test
  void closingWakesAReceiver() throws Exception {
    CompletableFuture<Throwable> failed = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            line.receive(QuicMsg.plain(), buf, 0, 8, true);
          } catch (QuicException e) {
            failed.complete(e);
          }
        });
    line.close();
    assertThat(failed.join()).isInstanceOf(QuicException.class);
  }

  /** Some mean for ever by it. */
  @Test
  void theLongestPollSleeps() throws Exception {
    CompletableFuture<Boolean> came =
        CompletableFuture.supplyAsync(() -> {
          try {
            return line.pollIn(Long.MAX_VALUE);
          } catch (QuicException e) {
            throw new IllegalStateException(e);
          }
        });
    assertThat(fd.waits.take()).isGreaterThan(TimeUnit.HOURS.toMillis(1));
    fd.recv(QuicUapi.QUIC_STREAM_INFO, 0, 0, 0, "x");
    assertThat(came.get()).isTrue();
  }
}
