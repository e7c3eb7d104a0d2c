package dev.quic.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uapi.door.DoorData;
import dev.quic.uapi.option.Timeval;
import dev.quic.uds.door.RunDir;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class RemoteQuicSocketTest {
  private static final InetSocketAddress PEER =
      new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 443);

  @TempDir Path dir;
  private FakeDoor door;
  private RemoteQuicSockets sockets;
  private QuicSocket sock;
  private FakeDoor.Ends ends;
  private final byte[][] payload = new byte[1][];
  private final byte[] buf = new byte[64];

  @BeforeEach
  void open() throws Exception {
    door = new FakeDoor(new RunDir(dir));
    sockets = RemoteQuicSockets.open(dir);
    sock = sockets.socket(QuicUapi.AF_INET);
    ends = door.made.take();
  }

  @AfterEach
  void close() throws Exception {
    sockets.close();
    door.close();
  }

  private static void assertErrno(int errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(QuicException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void controlCallsAndTheirErrnos() throws Exception {
    sock.connect(PEER);
    assertThat(door.calls.take().op()).isEqualTo(Door.OP_CONNECT);
    assertThat(sock.getsockname())
        .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral("::1"), 4433));
    assertThat(sock.ioctl(0x541B)).isEqualTo(0x1_0000_0001L);
    assertThat(sock.getsockopt(QuicUapi.SOL_QUIC, 9, bytes("in"), 100)).isEqualTo(bytes("in"));
    door.errors.put(Door.OP_BIND, Errno.EADDRINUSE);
    assertThatThrownBy(() -> sock.bind(PEER))
        .hasMessage("bind /192.0.2.1:443: EADDRINUSE")
        .isInstanceOf(QuicException.class);
    door.errors.put(Door.OP_SOCKET, Errno.EMFILE);
    assertErrno(Errno.EMFILE, () -> sockets.socket(QuicUapi.AF_INET6));
    assertErrno(
        Errno.EDESTADDRREQ,
        () -> sock.connect(InetSocketAddress.createUnresolved("nowhere.invalid", 1)));
  }

  @Test
  void handshakeMessagesTravelWithTheOptions() throws Exception {
    byte[] hello = new byte[40_000];
    QuicMsg msg = QuicMsg.handshake(QuicUapi.QUIC_CRYPTO_INITIAL);
    int n = sock.sendmsg(msg, hello, 0, hello.length);
    n += sock.sendmsg(msg, hello, n, hello.length - n);
    sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET, new byte[56]);
    assertThat(n).isEqualTo(hello.length);
    assertThat(FakeDoor.level(door.calls.take())).isEqualTo(QuicUapi.QUIC_CRYPTO_INITIAL);
    assertThat(FakeDoor.level(door.calls.take())).isEqualTo(QuicUapi.QUIC_CRYPTO_INITIAL);
    assertThat(door.calls.take().op()).isEqualTo(Door.OP_SETSOCKOPT);
  }

  @Test
  void streamDataTravelsOnTheDescriptor() throws Exception {
    int flags = QuicUapi.MSG_QUIC_STREAM_NEW | QuicUapi.MSG_QUIC_STREAM_FIN;
    sock.sendmsg(QuicMsg.stream(4, flags), bytes("request"), 0, 7);
    DoorData header = ends.next(payload);
    assertThat(header.type).isEqualTo(Door.DATA_SEND);
    assertThat(header.cmsg).isEqualTo(QuicUapi.QUIC_STREAM_INFO);
    assertThat(header.streamId).isEqualTo(4);
    assertThat(header.streamFlags).isEqualTo(flags);
    assertThat(payload[0]).isEqualTo(bytes("request"));
    sock.sendmsg(QuicMsg.plain(), bytes("x"), 0, 1);
    assertThat(ends.next(payload).cmsg).isEqualTo(Door.CMSG_NONE);

    assertThat(sock.pollIn(0)).isFalse();
    int fin = QuicUapi.MSG_QUIC_STREAM_FIN;
    ends.send(Door.DATA_RECV, QuicUapi.QUIC_STREAM_INFO, 4, fin, 0, bytes("answer"));
    assertThat(sock.pollIn(-1)).isTrue();
    QuicMsg msg = QuicMsg.plain();
    assertThat(sock.recvmsg(msg, buf, 0, 3)).isEqualTo(3);
    assertThat(msg.isFin()).isFalse();
    assertThat(sock.recvmsg(msg, buf, 3, 3)).isEqualTo(3);
    assertThat(msg.isFin()).isTrue();
    assertThat(new String(buf, 0, 6, StandardCharsets.US_ASCII)).isEqualTo("answer");
    sock.setNonBlocking(true);
    assertErrno(Errno.EAGAIN, () -> sock.recvmsg(QuicMsg.plain(), buf, 0, 3));
  }

  @Test
  void aNonBlockingSendHasTheDataPlanesAnswer() throws Exception {
    sock.setNonBlocking(true);
    CompletableFuture<Integer> sent = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            sent.complete(sock.sendmsg(QuicMsg.stream(0, 0), new byte[10], 0, 10));
          } catch (QuicException e) {
            sent.completeExceptionally(e);
          }
        });
    DoorData header = ends.next(payload);
    assertThat(header.flags & Door.WANT_RESULT).isNotZero();
    assertThat(header.flags & QuicUapi.MSG_DONTWAIT).isNotZero();
    ends.send(Door.DATA_RESULT, Door.CMSG_NONE, 7, 0, header.seq, new byte[0]);
    assertThat(sent.join()).isEqualTo(7);
  }

  @Test
  void acceptAdoptsTheDescriptorThatCame() throws Exception {
    sock.listen(8);
    FakeDoor.Ends waiting = door.pair();
    ends.send(Door.DATA_ACCEPT, Door.CMSG_NONE, 99, 0, 0, new byte[16], waiting.theirs().number());
    try (QuicSocket connection = sock.accept()) {
      waiting.send(Door.DATA_RECV, QuicUapi.QUIC_HANDSHAKE_INFO, 0, 1, 0, bytes("hello"));
      QuicMsg msg = QuicMsg.plain();
      assertThat(connection.recvmsg(msg, buf, 0, buf.length)).isEqualTo(5);
      assertThat(msg.cryptoLevel).isEqualTo(QuicUapi.QUIC_CRYPTO_INITIAL);
    }
    door.errors.put(Door.OP_ADOPT, Errno.EPERM);
    FakeDoor.Ends refused = door.pair();
    ends.send(Door.DATA_ACCEPT, Door.CMSG_NONE, 99, 0, 0, new byte[16], refused.theirs().number());
    assertErrno(Errno.EPERM, sock::accept);
  }

  @Test
  void theEndOfAConnection() throws Exception {
    ends.send(Door.DATA_CLOSED, Door.CMSG_NONE, Errno.ETIMEDOUT, 0, 0, new byte[0]);
    ends.ours().close();
    ends.theirs().close();
    assertThatThrownBy(() -> sock.recvmsg(QuicMsg.plain(), buf, 0, 3))
        .hasMessageContaining("ETIMEDOUT")
        .isInstanceOfSatisfying(
            QuicException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOTCONN));
    assertErrno(Errno.EPIPE, () -> sock.sendmsg(QuicMsg.plain(), buf, 0, 3));
  }

  @Test
  void closingWakesWhoeverWaitsAndIsFinal() throws Exception {
    CompletableFuture<Integer> failed = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            sock.recvmsg(QuicMsg.plain(), buf, 0, 3);
          } catch (QuicException e) {
            failed.complete(e.errno());
          }
        });
    sock.close();
    assertThat(failed.join()).isIn(Errno.ENOTCONN, Errno.EBADF);
    sock.close();
    assertErrno(Errno.EBADF, () -> sock.recvmsg(QuicMsg.plain(), buf, 0, 3));
    assertErrno(Errno.EBADF, () -> sock.listen(1));
    assertThat(door.calls.stream().map(DoorCall::op)).containsOnlyOnce(Door.OP_CLOSE);
  }

  @Test
  void closeLetsEarlierSendsGoFirst() throws Exception {
    sock.sendmsg(QuicMsg.stream(0, 0), bytes("last"), 0, 4);
    Thread closer = Thread.ofPlatform().start(sock::close);
    ends.next(payload);
    assertThat(payload[0]).isEqualTo(bytes("last"));
    DoorData barrier = ends.next(payload);
    ends.send(Door.DATA_RESULT, Door.CMSG_NONE, -Errno.EINVAL, 0, barrier.seq, new byte[0]);
    closer.join();
    assertThat(door.calls.take().op()).isEqualTo(Door.OP_CLOSE);
  }

  @Test
  void streamHelpersSendAndReceiveWholePieces() throws Exception {
    byte[] big = new byte[100_000];
    big[99_999] = 1;
    Thread sender =
        Thread.ofPlatform()
            .start(() -> {
              try {
                QuicStreams.sendAll(sock, 0, QuicUapi.MSG_QUIC_STREAM_FIN, big, 0, big.length);
              } catch (QuicException e) {
                throw new IllegalStateException(e);
              }
            });
    int got = ends.next(payload).streamFlags;
    assertThat(got).isZero();
    assertThat(ends.next(payload).streamFlags).isEqualTo(QuicUapi.MSG_QUIC_STREAM_FIN);
    sender.join();
    ends.send(Door.DATA_RECV, QuicUapi.QUIC_STREAM_INFO, 0, 0, 0, bytes("ab"));
    ends.send(
        Door.DATA_RECV, QuicUapi.QUIC_STREAM_INFO, 0, QuicUapi.MSG_QUIC_STREAM_FIN, 0, bytes("c"));
    assertThat(QuicStreams.recvFully(sock, QuicMsg.plain(), buf, 0, 10)).isEqualTo(3);
  }

  @Test
  void noDataPlane() {
    assertThatThrownBy(() -> RemoteQuicSockets.open(dir.resolve("none")))
        .isInstanceOfSatisfying(
            QuicException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ECONNREFUSED))
        .hasMessageContaining("no data plane at " + dir.resolve("none"));
  }

  @Test
  void openingAStreamWaitsForThePeer() throws Exception {
    QuicSocket sock = sockets.socket(QuicUapi.AF_INET);
    FakeDoor.Ends made = door.made.take();
    byte[] next = new byte[16];
    byte[] now = new byte[16];
    // MSG_QUIC_STREAM_DONTWAIT, little-endian, in the flags.
    now[10] = 1;
    door.errors.put(Door.OP_GETSOCKOPT, Errno.EAGAIN);
    assertErrno(Errno.EAGAIN, () -> open(sock, now));
    sock.setNonBlocking(true);
    door.errors.put(Door.OP_GETSOCKOPT, Errno.EAGAIN);
    assertErrno(Errno.EAGAIN, () -> open(sock, next));
    sock.setNonBlocking(false);
    door.errors.put(Door.OP_OPEN, Errno.EAGAIN);
    door.errors.remove(Door.OP_GETSOCKOPT);
    CompletableFuture<byte[]> opened = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            opened.complete(open(sock, next));
          } catch (QuicException e) {
            opened.completeExceptionally(e);
          }
        });
    // Refused, it asks how long it may wait.
    assertThat(door.calls.take().number(1)).isEqualTo(QuicUapi.SO_SNDTIMEO);
    door.errors.remove(Door.OP_OPEN);
    assertThat(opened).isNotDone();
    made.send(Door.DATA_NEWS, Door.CMSG_NONE, 0, 0, 0, new byte[0]);
    assertThat(opened.get(20, TimeUnit.SECONDS)).isEqualTo(next);
    assertThat(door.calls.take().op()).isEqualTo(Door.OP_OPEN);
  }

  @Test
  void openingAStreamWaitsAsLongAsTold() throws Exception {
    door.errors.put(Door.OP_OPEN, Errno.EAGAIN);
    door.values.put(QuicUapi.SO_SNDTIMEO, new Timeval(0, 1_000).encode());
    assertErrno(Errno.EAGAIN, () -> open(sock, new byte[16]));
    assertThat(door.calls.take().number(1)).isEqualTo(QuicUapi.SO_SNDTIMEO);
    door.values.put(QuicUapi.SO_SNDTIMEO, new Timeval(3_600, 0).encode());
    Thread me = Thread.currentThread();
    CompletableFuture<Void> interrupts =
        CompletableFuture.runAsync(() -> {
          while (door.calls.isEmpty()) {
            Thread.onSpinWait();
          }
          me.interrupt();
        });
    assertErrno(Errno.EINTR, () -> open(sock, new byte[16]));
    assertThat(Thread.interrupted()).isTrue();
    interrupts.join();
  }

  private static byte[] open(QuicSocket sock, byte[] info) throws QuicException {
    return sock.getsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_STREAM_OPEN, info, info.length);
  }

  /** As in the kernel, who was not accepted is gone with the listener. */
  @Test
  void aListenerThatClosesLetsGoOfWhomItDidNotAccept() throws Exception {
    FakeDoor.Ends waiting = door.pair();
    int passed = waiting.theirs().number();
    ends.send(Door.DATA_ACCEPT, Door.CMSG_NONE, 0, 0, 0, new byte[0], passed);
    waiting.theirs().close();
    assertThat(sock.pollIn(-1)).isTrue();
    sock.close();
    assertThat(waiting.ours().receive(buf, 5_000)).isZero();
  }

  /** The program's table of descriptors was full when the packet came. */
  @Test
  void acceptWithoutARoomForTheDescriptorIsEmfile() throws Exception {
    ends.send(Door.DATA_ACCEPT, Door.CMSG_NONE, 0, 0, 0, new byte[0]);
    assertErrno(Errno.EMFILE, () -> sock.accept());
  }

  /** Who tries again what was taken would send it twice. */
  @Test
  void anInterruptDoesNotHideWhatASendTook() throws Exception {
    for (boolean patient : new boolean[] {false, true}) {
      Thread sender = Thread.currentThread();
      AtomicBoolean returned = new AtomicBoolean();
      CompletableFuture<Void> plane =
          CompletableFuture.runAsync(() -> {
            DoorData header = ends.next(payload);
            // Until the sender has heard of the interrupt.
            while (sender.isInterrupted() && !returned.get()) {
              Thread.onSpinWait();
            }
            try {
              ends.send(Door.DATA_RESULT, Door.CMSG_NONE, 3, 0, header.seq, new byte[0]);
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
      QuicMsg msg = QuicMsg.stream(0, 0);
      Thread.currentThread().interrupt();
      int taken;
      boolean interrupted;
      try {
        if (patient) {
          long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
          taken = sock.sendBefore(msg, bytes("abc"), 0, 3, deadline);
        } else {
          msg.flags = QuicUapi.MSG_DONTWAIT;
          taken = sock.sendmsg(msg, bytes("abc"), 0, 3);
        }
      } finally {
        returned.set(true);
        interrupted = Thread.interrupted();
      }
      plane.get(20, TimeUnit.SECONDS);
      assertThat(taken).isEqualTo(3);
      assertThat(interrupted).isTrue();
    }
  }
}
