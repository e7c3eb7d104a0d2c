package dev.quic.system;

import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.HandshakePort;
import dev.quic.handshaked.tls.HandshakePortException;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorData;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uds.SeqPacket;
import dev.quic.uds.door.DoorClient;
import dev.quic.uds.door.DoorSocket;
import dev.quic.uds.door.NetlinkClient;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A handshake daemon in the test's hands, which need not tell the truth. */
final class FakeDaemon implements AutoCloseable {
  private final RunDir dir;
  private final NetlinkClient notices;
  private final NetlinkClient requests;

  FakeDaemon(Path runDir) throws IOException {
    dir = new RunDir(runDir);
    notices = NetlinkClient.connect(dir);
    requests = NetlinkClient.connect(dir);
    if (notices.join(Nl.HANDSHAKE_GROUP_TLSHD) != 0) {
      throw new IOException("cannot join");
    }
  }

  /** Waits for a request and takes it. */
  Taken take() throws IOException {
    notices.awaitNotification();
    NetlinkClient.Accepted a = requests.accept();
    if (a == null) {
      throw new IOException("no request");
    }
    return new Taken(a);
  }

  /** Takes what waits, if anything does, and gives it back. */
  boolean tryTake() throws IOException {
    notices.awaitNotification();
    NetlinkClient.Accepted a = requests.accept();
    if (a != null) {
      SeqPacket.closeDescriptor(a.grant());
    }
    return a != null;
  }

  /**
   * DONE.
   *
   * @param descriptor the grant, or something else
   * @return 0 or a negated errno
   */
  int done(int status, int descriptor) throws IOException {
    return requests.done(status, descriptor, List.of());
  }

  /** A request with its grant. */
  final class Taken implements AutoCloseable {
    private final DoorClient door;
    final DoorSocket grant;

    Taken(NetlinkClient.Accepted a) throws IOException {
      door = DoorClient.connect(dir);
      grant = door.adopt(a.grant());
    }

    int done(int status) throws IOException {
      return FakeDaemon.this.done(status, grant.data().number());
    }

    /** As an honest daemon drives it. */
    HandshakePort port() {
      return new Port(grant);
    }

    @Override
    public void close() {
      grant.close();
      door.close();
    }
  }

  /** A grant, call by call. */
  private static final class Port implements HandshakePort {
    private final DoorSocket grant;
    private final byte[] in = new byte[SeqPacket.MAX_PACKET];
    private final DoorData header = new DoorData();

    Port(DoorSocket grant) {
      this.grant = grant;
    }

    @Override
    public void send(CryptoLevel level, byte[] bytes, boolean more) throws IOException {
      DoorData h = new DoorData().reset(Door.DATA_SEND);
      h.cmsg = QuicUapi.QUIC_HANDSHAKE_INFO;
      h.flags = QuicUapi.MSG_NOSIGNAL | (more ? QuicUapi.MSG_MORE : 0);
      h.streamFlags = level.number();
      try {
        grant.sendmsg(h, bytes);
      } catch (DoorClient.DoorException e) {
        throw failed(e);
      }
    }

    @Override
    public @Nullable Message receive(long deadlineNanos) throws IOException {
      long left = Math.max(0, (deadlineNanos - System.nanoTime()) / 1_000_000);
      int n = grant.data().receive(in, left);
      if (n == -Errno.EAGAIN) {
        return null;
      }
      if (n <= 0 || !header.read(in, 0, n) || header.type != Door.DATA_RECV) {
        throw new HandshakePortException(Errno.EPIPE, "the connection or the grant is over");
      }
      return new Message(
          CryptoLevel.of(header.streamFlags), Arrays.copyOfRange(in, Door.DATA_HEADER, n));
    }

    @Override
    public void setOption(int name, byte[] value) throws IOException {
      try {
        grant.setsockopt(QuicUapi.SOL_QUIC, name, value.clone());
      } catch (DoorClient.DoorException e) {
        throw failed(e);
      }
    }

    @Override
    public byte[] getOption(int name, int max) throws IOException {
      try {
        return grant.getsockopt(QuicUapi.SOL_QUIC, name, new byte[0], max);
      } catch (DoorClient.DoorException e) {
        throw failed(e);
      }
    }

    private static HandshakePortException failed(DoorClient.DoorException e) {
      return new HandshakePortException(e.errno(), String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    notices.close();
    requests.close();
  }
}
