package dev.quic.dataplane.daemon.handshake;

import dev.quic.dataplane.daemon.kernel.FakeTls;
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
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A handshake daemon in the test's hands: real sockets, fake TLS. */
public final class FakeDaemon implements AutoCloseable {
  private final RunDir dir;
  private final NetlinkClient notices;
  public final NetlinkClient requests;

  public FakeDaemon(Path runDir) throws IOException {
    dir = new RunDir(runDir);
    notices = NetlinkClient.connect(dir);
    requests = NetlinkClient.connect(dir);
    if (requests.resolve("handshake") != Nl.GENL_ID_HANDSHAKE
        || notices.join(Nl.HANDSHAKE_GROUP_TLSHD) != 0) {
      throw new IOException("no handshake family");
    }
  }

  /** Waits for READY. */
  public void awaitReady() throws IOException {
    if (notices.awaitNotification() == null) {
      throw new EOFException("bus closed");
    }
  }

  /** Waits for a request and takes it. */
  public NetlinkClient.Accepted accept() throws IOException {
    return accept(0);
  }

  /**
   * As {@link #accept()}.
   *
   * @param features {@code Nl.FEATURE_*} to ask for
   */
  public NetlinkClient.Accepted accept(int features) throws IOException {
    awaitReady();
    NetlinkClient.Accepted a = requests.accept(features);
    if (a == null) {
      throw new IOException("no request");
    }
    return a;
  }

  /** Makes the grant usable: a control connection of its own, as a worker has it. */
  public DoorSocket adopt(NetlinkClient.Accepted a) throws IOException {
    return DoorClient.connect(dir).adopt(a.grant());
  }

  /** Runs one handshake from READY to DONE. */
  public void serveOne() throws IOException {
    NetlinkClient.Accepted a = accept();
    DoorSocket grant = adopt(a);
    if (a.request().messageType() == Nl.MSG_TYPE_CLIENTHELLO) {
      FakeTls.client(port(grant));
    } else {
      FakeTls.server(port(grant));
    }
    requests.done(0, grant.data().number(), List.of());
    grant.close();
    grant.client().close();
  }

  /** The grant as fake TLS wants it. */
  public static FakeTls.Port port(DoorSocket grant) {
    return new FakeTls.Port() {
      private final byte[] in = new byte[SeqPacket.MAX_PACKET];
      private final DoorData header = new DoorData();

      @Override
      public void send(int level, byte[] bytes) throws IOException {
        DoorData h = new DoorData().reset(Door.DATA_SEND);
        h.cmsg = QuicUapi.QUIC_HANDSHAKE_INFO;
        h.streamFlags = level;
        grant.sendmsg(h, bytes);
      }

      @Override
      public int receive(int[] level, byte[] buf) throws IOException {
        int n = grant.data().receive(in, 20_000);
        if (!header.read(in, 0, n) || header.type != Door.DATA_RECV) {
          throw new EOFException("type " + header.type + " " + Errno.name((int) header.streamId));
        }
        level[0] = header.streamFlags;
        System.arraycopy(in, Door.DATA_HEADER, buf, 0, n - Door.DATA_HEADER);
        return n - Door.DATA_HEADER;
      }

      @Override
      public byte[] get(int name, int max) throws IOException {
        return grant.getsockopt(QuicUapi.SOL_QUIC, name, new byte[0], max);
      }

      @Override
      public void set(int name, byte[] value) throws IOException {
        grant.setsockopt(QuicUapi.SOL_QUIC, name, value);
      }
    };
  }

  @Override
  public void close() {
    notices.close();
    requests.close();
  }
}
