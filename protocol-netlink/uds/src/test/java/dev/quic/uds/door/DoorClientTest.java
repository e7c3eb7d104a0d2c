package dev.quic.uds.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uapi.door.DoorData;
import dev.quic.uapi.option.SockaddrCodec;
import dev.quic.uds.SeqPacket;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoorClientTest {
  private static final int UNWILLING = 77;

  @TempDir Path dir;
  private final ConcurrentLinkedQueue<DoorCall> seen = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<SeqPacket> near = new ConcurrentLinkedQueue<>();
  private @Nullable ScriptedServer running;

  @BeforeEach
  void start() throws Exception {
    running = new ScriptedServer(dir.resolve("socket.sock"), this::answer);
  }

  @AfterEach
  void stop() throws Exception {
    server().close();
    near.forEach(SeqPacket::close);
  }

  private ScriptedServer server() {
    return Objects.requireNonNull(running);
  }

  private DoorClient client() throws IOException {
    return DoorClient.connect(new RunDir(dir));
  }

  /** Every call succeeds, but for those on the socket {@link #UNWILLING}. */
  private void answer(SeqPacket from, byte[] packet, int descriptor) throws IOException {
    List<DoorCall> replies = new ArrayList<>();
    int pass = -1;
    SeqPacket far = null;
    List<DoorCall> calls = DoorCall.parse(packet, packet.length);
    for (DoorCall c : calls == null ? List.<DoorCall>of() : calls) {
      seen.add(c);
      if (c.value() == UNWILLING) {
        replies.add(DoorCall.of(c.op(), c.seq(), -Errno.EBUSY));
        break;
      }
      switch (c.op()) {
        case Door.OP_SOCKET -> {
          SeqPacket[] p = SeqPacket.pair();
          near.add(p[0]);
          far = p[1];
          pass = far.number();
          replies.add(DoorCall.of(c.op(), c.seq(), 5));
        }
        case Door.OP_ADOPT ->
            replies.add(DoorCall.of(c.op(), c.seq(), descriptor < 0 ? -Errno.EBADF : 6));
        case Door.OP_GETSOCKOPT ->
            replies.add(new DoorCall(c.op(), c.seq(), 3, new byte[] {1, 2, 3}));
        case Door.OP_GETSOCKNAME, Door.OP_GETPEERNAME -> {
          byte[] a = SockaddrCodec.encode(new InetSocketAddress("127.0.0.1", 4_433));
          replies.add(new DoorCall(c.op(), c.seq(), a.length, a));
        }
        case Door.OP_IOCTL -> replies.add(DoorCall.of(c.op(), c.seq(), 0, new byte[0], 0x1234, -1));
        default -> replies.add(DoorCall.of(c.op(), c.seq(), 0));
      }
    }
    if (descriptor >= 0) {
      SeqPacket.closeDescriptor(descriptor);
    }
    if (replies.isEmpty()) {
      replies.add(DoorCall.of(0, 0, -Errno.EINVAL));
    }
    byte[] out = DoorCall.encode(replies);
    from.send(out, 0, out.length, pass);
    if (far != null) {
      far.close();
    }
  }

  @Test
  void aSocketIsAHandleAndADescriptor() throws Exception {
    try (DoorClient client = client();
        DoorSocket sock =
            client.socket(QuicUapi.AF_INET, QuicUapi.SOCK_DGRAM, QuicUapi.IPPROTO_QUIC)) {
      assertThat(sock.handle()).isEqualTo(5);
      sock.bind(new InetSocketAddress("::1", 7));
      sock.connect(new InetSocketAddress("127.0.0.1", 9));
      sock.listen(3);
      sock.shutdown(2);
      assertThat(sock.getsockopt(QuicUapi.SOL_QUIC, 8, new byte[0], 100)).containsExactly(1, 2, 3);
      assertThat(sock.getsockname()).isEqualTo(new InetSocketAddress("127.0.0.1", 4_433));
      assertThat(sock.getpeername().getPort()).isEqualTo(4_433);
      assertThat(sock.ioctl(0x541b)).isEqualTo(0xffff_ffff_0000_1234L);
      near.element().send(new byte[] {7}, 0, 1, -1);
      assertThat(sock.data().receive(new byte[8], 10_000)).isEqualTo(1);
    }
    assertThat(seen.stream().map(DoorCall::op))
        .containsExactly(1, 2, 3, 4, 7, 5, 8, 9, 10, Door.OP_CLOSE);
    assertThat(near.element().receive(new byte[8], 10_000)).isZero();
  }

  @Test
  void callsOfOnePacketStopAtTheFirstErrorAndAreWiped() throws Exception {
    try (DoorClient client = client();
        DoorSocket sock =
            client.socket(QuicUapi.AF_INET, QuicUapi.SOCK_DGRAM, QuicUapi.IPPROTO_QUIC)) {
      seen.clear();
      DoorCall secret = sock.setsockoptCall(QuicUapi.SOL_QUIC, 13, new byte[] {1, 2, 3, 4});
      DoorData header = new DoorData().reset(Door.DATA_SEND);
      sock.run(List.of(secret, sock.sendmsgCall(header, new byte[10])));
      assertThat(seen).hasSize(2);
      assertThat(seen.element().tail(2)).containsExactly(1, 2, 3, 4);
      assertThat(secret.payload()).containsOnly(0);
      DoorCall bad = DoorCall.of(Door.OP_LISTEN, client.nextSeq(), UNWILLING);
      assertThatThrownBy(() -> sock.run(List.of(bad, secret)))
          .isInstanceOfSatisfying(
              DoorClient.DoorException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY))
          .hasMessage("call 1 of 2: EBUSY");
      assertThat(seen).hasSize(3);
    }
  }

  @Test
  void aPassedDescriptorIsAdopted() throws Exception {
    SeqPacket[] p = SeqPacket.pair();
    try (DoorClient client = client();
        DoorSocket sock = client.adopt(p[0].number())) {
      assertThat(sock.handle()).isEqualTo(6);
      assertThat(sock.data().inode()).isEqualTo(p[0].inode());
    }
    assertThat(p[1].receive(new byte[1], 10_000)).isZero();
    p[1].close();
  }

  @Test
  void threadsOfAllKindsShareOneConnection() throws Exception {
    try (DoorClient client = client()) {
      List<CompletableFuture<Boolean>> all = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        CompletableFuture<Boolean> f = new CompletableFuture<>();
        all.add(f);
        Runnable r =
            () -> {
              try {
                boolean right = true;
                for (int k = 0; k < 50; k++) {
                  DoorCall c = DoorCall.of(Door.OP_IOCTL, client.nextSeq(), 5);
                  right &= client.call(c).seq() == c.seq();
                }
                f.complete(right);
              } catch (IOException e) {
                f.completeExceptionally(e);
              }
            };
        Thread t = i % 2 == 0 ? Thread.ofVirtual().start(r) : Thread.ofPlatform().start(r);
        t.interrupt();
      }
      for (CompletableFuture<Boolean> f : all) {
        assertThat(f.get(30, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  @Test
  void aPacketTheServerCannotReadIsAnsweredToo() throws Exception {
    try (DoorClient client = client()) {
      server().close();
      running =
          new ScriptedServer(
              dir.resolve("socket.sock"),
              (from, packet, fd) -> {
                byte[] out = DoorCall.encode(List.of(DoorCall.of(0, 0, -Errno.EINVAL)));
                from.send(out, 0, out.length, -1);
              });
      assertThatThrownBy(() -> client.call(DoorCall.of(1, client.nextSeq(), 0)))
          .isInstanceOf(IOException.class);
    }
    try (DoorClient client = client()) {
      assertThat(client.call(DoorCall.of(1, client.nextSeq(), 0)).value()).isEqualTo(-Errno.EINVAL);
    }
  }

  /** As the kernel does it to a process at its limit of descriptors. */
  @Test
  void aDescriptorThatWasDroppedOnItsWayIsOneTooMany() throws Exception {
    try (DoorClient client = client()) {
      server().close();
      running =
          new ScriptedServer(
              dir.resolve("socket.sock"),
              (from, packet, fd) -> {
                DoorCall call =
                    Objects.requireNonNull(DoorCall.parse(packet, packet.length)).get(0);
                byte[] out = DoorCall.encode(List.of(DoorCall.of(call.op(), call.seq(), 5)));
                from.send(out, 0, out.length, -1);
              });
    }
    try (DoorClient client = client()) {
      assertThatThrownBy(
              () -> client.socket(QuicUapi.AF_INET, QuicUapi.SOCK_DGRAM, QuicUapi.IPPROTO_QUIC))
          .isInstanceOfSatisfying(
              DoorClient.DoorException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EMFILE));
    }
  }

  @Test
  void withoutADataPlaneThereIsOneClearLine() throws Exception {
    server().close();
    assertThatThrownBy(this::client)
        .isInstanceOf(ConnectException.class)
        .hasMessage("no data plane at " + dir.resolve("socket.sock") + ": no such socket");
    running = new ScriptedServer(dir.resolve("socket.sock"), (from, packet, fd) -> from.close());
    try (DoorClient client = client()) {
      server().hangUp();
      assertThatThrownBy(() -> client.call(DoorCall.of(1, client.nextSeq(), 0)))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void theRunDirectoryIsTheOptionFirst() {
    assertThat(RunDir.resolve(dir).socket()).isEqualTo(dir.resolve("socket.sock"));
    assertThat(RunDir.resolve(dir).netlink()).isEqualTo(dir.resolve("netlink.sock"));
    assertThat(RunDir.resolve(null).path().toString()).endsWith("quic");
  }
}
