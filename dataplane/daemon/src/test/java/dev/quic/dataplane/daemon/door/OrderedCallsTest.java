package dev.quic.dataplane.daemon.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uapi.door.DoorData;
import dev.quic.uapi.option.QuicStreamInfo;
import dev.quic.uds.SeqPacket;
import dev.quic.uds.door.DoorClient;
import dev.quic.uds.door.DoorSocket;
import dev.quic.uds.door.RunDir;
import dev.quic.uds.linux.Dup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls that keep their place behind what was written to the data descriptor: SEND and FORGET. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // JUnit
class OrderedCallsTest {
  private static final int NEW = QuicUapi.MSG_QUIC_STREAM_NEW;
  private static final int PARAMETERS = QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM;

  @TempDir Path temp;
  private DataPlane plane;
  private DoorClient door;

  @BeforeEach
  void start() throws Exception {
    Path dir = temp.resolve("run");
    plane = DataPlane.builder().runDir(dir).shards(1).start();
    door = DoorClient.connect(new RunDir(dir));
  }

  @AfterEach
  void stop() {
    door.close();
    plane.close();
  }

  private DoorSocket socket() throws IOException {
    return door.socket(QuicUapi.AF_INET, QuicUapi.SOCK_DGRAM, QuicUapi.IPPROTO_QUIC);
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** A client that may send ahead of its handshake. */
  private DoorSocket client() throws IOException {
    DoorSocket listener = socket();
    listener.bind(loopback(0));
    listener.listen(1);
    byte[] remembered = listener.getsockopt(QuicUapi.SOL_QUIC, PARAMETERS, new byte[56], 56);
    remembered[0] = 1;
    DoorSocket client = socket();
    client.connect(listener.getsockname());
    client.setsockopt(QuicUapi.SOL_QUIC, PARAMETERS, remembered);
    return client;
  }

  private static byte[] packet(long stream, int flags, int length) {
    DoorData h = new DoorData().reset(Door.DATA_SEND);
    h.cmsg = QuicUapi.QUIC_STREAM_INFO;
    h.streamId = stream;
    h.streamFlags = flags;
    byte[] p = new byte[Door.DATA_HEADER + length];
    h.write(p, 0);
    return p;
  }

  private int send(DoorSocket s, byte[] packet) throws IOException {
    return door.call(new DoorCall(Door.OP_SEND, door.nextSeq(), s.handle(), packet)).value();
  }

  private int forget(DoorSocket s) throws IOException {
    return door.call(DoorCall.of(Door.OP_FORGET, door.nextSeq(), s.handle())).value();
  }

  @Test
  void streamsAreOpenedByARequestOfTheirOwn() throws Exception {
    DoorSocket s = client();
    byte[] next = new QuicStreamInfo(-1, 0).encode();
    for (long stream = 0; stream < 20; stream += 4) {
      assertThat(QuicStreamInfo.decode(s.openStream(next, next.length)).streamId())
          .isEqualTo(stream);
    }
    for (byte[] payload : new byte[][] {{}, {1, 2, 3}, {0, 0, 0, -1}, new byte[60_000]}) {
      DoorCall wrong = new DoorCall(Door.OP_OPEN, door.nextSeq(), s.handle(), payload);
      assertThat(door.call(wrong).value()).isEqualTo(-Errno.EINVAL);
    }
  }

  @Test
  void sendsDoNotOvertakeTheDescriptor() throws Exception {
    DoorSocket s = client();
    for (long stream = 0; stream < 200; stream += 4) {
      byte[] opens = packet(stream, NEW, 3);
      s.data().send(opens, 0, opens.length, -1);
      assertThat(send(s, packet(stream, 0, 5))).isEqualTo(5);
      assertThat(send(s, packet(stream, NEW, 5))).isEqualTo(-Errno.EINVAL);
    }
  }

  @Test
  void sendsDoNotOvertakeWhatWaits() throws Exception {
    DoorSocket s = client();
    assertThat(send(s, packet(0, NEW, 1))).isEqualTo(1);
    // More than the stream has credit for: the last of it waits at the data plane.
    byte[] large = packet(0, 0, Door.MAX_DATA);
    for (int i = 0; i < 20; i++) {
      s.data().send(large, 0, large.length, -1);
    }
    assertThat(send(s, packet(0, 0, 1))).isIn(-Errno.EAGAIN, -Errno.ENOSPC);
    assertThat(send(s, packet(0, QuicUapi.MSG_QUIC_STREAM_FIN, 0)))
        .isIn(-Errno.EAGAIN, -Errno.ENOSPC);
  }

  @Test
  void forgetClosesWhatHasNoDescriptor() throws Exception {
    int port = 0;
    for (int i = 0; i < 50; i++) {
      DoorSocket s = socket();
      // Free again at once, each time.
      s.bind(loopback(port));
      port = s.getsockname().getPort();
      s.data().close();
      assertThat(forget(s)).isZero();
      assertThat(forget(s)).isEqualTo(-Errno.EBADF);
    }
    assertThat(plane.socketCount()).isZero();
  }

  @Test
  void forgetLeavesWhatOthersHold() throws Exception {
    DoorSocket s = socket();
    s.bind(loopback(0));
    InetSocketAddress name = s.getsockname();
    SeqPacket copy = SeqPacket.adopt(Dup.of(s.data().number()));
    s.data().close();
    assertThat(forget(s)).isZero();
    assertThat(plane.socketCount()).isEqualTo(1);
    DoorSocket again = door.adopt(copy.number());
    assertThat(again.getsockname()).isEqualTo(name);
    assertThatCode(() -> again.listen(1)).doesNotThrowAnyException();
  }
}
