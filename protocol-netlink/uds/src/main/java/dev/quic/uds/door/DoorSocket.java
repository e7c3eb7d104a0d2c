package dev.quic.uds.door;

import dev.quic.uapi.Errno;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uapi.door.DoorData;
import dev.quic.uapi.option.SockaddrCodec;
import dev.quic.uds.SeqPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * A socket (or grant) of the data plane: its handle on the control connection and its data
 * descriptor.
 */
public final class DoorSocket implements AutoCloseable {
  private static final byte[] NOTHING = new byte[0];

  private final DoorClient client;
  private final int handle;
  private final SeqPacket data;

  DoorSocket(DoorClient client, int handle, SeqPacket data) {
    this.client = client;
    this.handle = handle;
    this.data = data;
  }

  public int handle() {
    return handle;
  }

  /** The data descriptor, for sending, receiving and waiting. */
  public SeqPacket data() {
    return data;
  }

  public DoorClient client() {
    return client;
  }

  private DoorCall call(int op, byte[] tail, int... numbers) throws IOException {
    return client.call(DoorCall.of(op, client.nextSeq(), handle, tail, numbers));
  }

  private void check(DoorCall reply, String what) throws IOException {
    if (reply.value() < 0) {
      throw new DoorClient.DoorException(-reply.value(), what);
    }
  }

  public void bind(InetSocketAddress local) throws IOException {
    check(call(Door.OP_BIND, SockaddrCodec.encode(local)), "bind");
  }

  public void connect(InetSocketAddress remote) throws IOException {
    check(call(Door.OP_CONNECT, SockaddrCodec.encode(remote)), "connect");
  }

  public void listen(int backlog) throws IOException {
    check(call(Door.OP_LISTEN, NOTHING, backlog), "listen");
  }

  public void setsockopt(int level, int name, byte[] value) throws IOException {
    DoorCall call = setsockoptCall(level, name, value);
    try {
      check(client.call(call), "setsockopt");
    } finally {
      call.wipe();
    }
  }

  public byte[] getsockopt(int level, int name, byte[] in, int max) throws IOException {
    DoorCall r = call(Door.OP_GETSOCKOPT, in, level, name, max);
    check(r, "getsockopt");
    return r.payload();
  }

  /**
   * STREAM_OPEN by a request of its own: after EAGAIN there is news on the data descriptor when it
   * is worth trying again.
   */
  public byte[] openStream(byte[] info, int max) throws IOException {
    DoorCall r = call(Door.OP_OPEN, info, max);
    check(r, "STREAM_OPEN");
    return r.payload();
  }

  public void shutdown(int how) throws IOException {
    check(call(Door.OP_SHUTDOWN, NOTHING, how), "shutdown");
  }

  public InetSocketAddress getsockname() throws IOException {
    return name(Door.OP_GETSOCKNAME, "getsockname");
  }

  public InetSocketAddress getpeername() throws IOException {
    return name(Door.OP_GETPEERNAME, "getpeername");
  }

  private InetSocketAddress name(int op, String what) throws IOException {
    DoorCall r = call(op, NOTHING);
    check(r, what);
    InetSocketAddress a = SockaddrCodec.decode(r.payload(), 0, r.payload().length);
    if (a == null) {
      throw new DoorClient.DoorException(Errno.EPROTO, what);
    }
    return a;
  }

  public long ioctl(int request) throws IOException {
    DoorCall r = call(Door.OP_IOCTL, NOTHING, request);
    check(r, "ioctl");
    return (r.number(0) & 0xffff_ffffL) | ((long) r.number(1) << 32);
  }

  /** sendmsg over the control connection, ordered with the options set there. */
  public void sendmsg(DoorData header, byte[] bytes) throws IOException {
    check(client.call(sendmsgCall(header, bytes)), "sendmsg");
  }

  /** A SENDMSG call to put into a packet with others. */
  public DoorCall sendmsgCall(DoorData header, byte[] bytes) {
    byte[] p = new byte[Door.DATA_HEADER + bytes.length];
    header.write(p, 0);
    System.arraycopy(bytes, 0, p, Door.DATA_HEADER, bytes.length);
    return new DoorCall(Door.OP_SENDMSG, client.nextSeq(), handle, p);
  }

  /** A SETSOCKOPT call to put into a packet with others. */
  public DoorCall setsockoptCall(int level, int name, byte[] value) {
    return DoorCall.of(Door.OP_SETSOCKOPT, client.nextSeq(), handle, value, level, name);
  }

  /**
   * Runs calls in one packet, and wipes them: among them may be secrets.
   *
   * @throws DoorClient.DoorException for the first that failed
   */
  public void run(List<DoorCall> calls) throws IOException {
    DoorClient.Answer a;
    try {
      a = client.call(calls, -1);
    } finally {
      calls.forEach(DoorCall::wipe);
    }
    if (a.descriptor() >= 0) {
      SeqPacket.closeDescriptor(a.descriptor());
    }
    if (a.result() < 0) {
      throw new DoorClient.DoorException(
          -a.result(), "call " + a.replies().size() + " of " + calls.size());
    }
  }

  /** Lets the handle and the descriptor go; the socket ends with its last descriptor. */
  @Override
  public void close() {
    try {
      client.call(DoorCall.of(Door.OP_CLOSE, client.nextSeq(), handle));
    } catch (IOException e) {
      // The data plane is gone, and with it the handle.
    }
    data.close();
  }
}
