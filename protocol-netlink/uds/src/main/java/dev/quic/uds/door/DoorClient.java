package dev.quic.uds.door;

import dev.quic.uapi.Errno;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uds.SeqPacket;
import java.io.IOException;
import java.net.ConnectException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A process's control connection to the data plane. Any thread; one packet of calls is on its way
 * at a time.
 */
public final class DoorClient implements AutoCloseable {
  private final SeqPacket control;
  private final ReentrantLock lock = new ReentrantLock();
  private final byte[] in = new byte[SeqPacket.MAX_PACKET];
  private int seq;

  private DoorClient(SeqPacket control) {
    this.control = control;
  }

  /**
   * @throws IOException with one clear line when no data plane is there
   */
  public static DoorClient connect(RunDir dir) throws IOException {
    try {
      return new DoorClient(SeqPacket.connect(dir.socket()).buffers(1 << 20));
    } catch (ConnectException e) {
      throw new ConnectException("no data plane at " + dir.socket() + " (" + e.getMessage() + ")");
    }
  }

  /** The replies to one packet of calls, and the descriptor that came with them, -1 for none. */
  public record Answer(List<DoorCall> replies, int descriptor) {
    /** Result of the last reply: that of the call that failed, if one did. */
    public int result() {
      return replies.get(replies.size() - 1).value();
    }
  }

  /** Next sequence number. */
  public int nextSeq() {
    lock.lock();
    try {
      return ++seq;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends calls in one packet and waits for the answer. They run in order and stop at the first
   * error.
   *
   * @param pass descriptor to pass along, -1 for none
   * @throws IOException when the data plane is gone
   */
  public Answer call(List<DoorCall> calls, int pass) throws IOException {
    byte[] packet = DoorCall.encode(calls);
    lock.lock();
    try {
      control.send(packet, 0, packet.length, pass);
      int n = control.receive(in, -1);
      List<DoorCall> replies = n > 0 ? DoorCall.parse(in, n) : null;
      if (replies == null) {
        throw new IOException("the data plane closed the control connection");
      }
      return new Answer(replies, control.takeDescriptor());
    } finally {
      lock.unlock();
    }
  }

  /** One call. @return its reply, whose value may be a negated errno */
  public DoorCall call(DoorCall call) throws IOException {
    Answer a = call(List.of(call), -1);
    if (a.descriptor >= 0) {
      SeqPacket.closeDescriptor(a.descriptor);
    }
    return a.replies.get(0);
  }

  /**
   * Makes a socket.
   *
   * @return the socket, or null with the errno in {@code errno[0]}
   */
  public DoorSocket socket(int family, int type, int protocol) throws IOException {
    Answer a =
        call(
            List.of(DoorCall.of(Door.OP_SOCKET, nextSeq(), 0, new byte[0], family, type, protocol)),
            -1);
    return take(a, "socket");
  }

  private DoorSocket take(Answer a, String what) throws IOException {
    if (a.result() < 0 || a.descriptor < 0) {
      throw new DoorException(-a.result(), what);
    }
    return new DoorSocket(this, a.result(), SeqPacket.adopt(a.descriptor));
  }

  /**
   * Takes over a data descriptor or grant that came from elsewhere; it is closed when that fails.
   */
  public DoorSocket adopt(int descriptor) throws IOException {
    boolean ok = false;
    try {
      Answer a = call(List.of(DoorCall.of(Door.OP_ADOPT, nextSeq(), 0)), descriptor);
      if (a.result() < 0) {
        throw new DoorException(-a.result(), "adopt");
      }
      ok = true;
      return new DoorSocket(this, a.result(), SeqPacket.adopt(descriptor));
    } finally {
      if (!ok) {
        SeqPacket.closeDescriptor(descriptor);
      }
    }
  }

  @Override
  public void close() {
    control.close();
  }

  /** A call the data plane refused. */
  public static final class DoorException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int errno;

    public DoorException(int errno, String what) {
      super(what + ": " + Errno.name(errno));
      this.errno = errno;
    }

    /** Positive errno. */
    public int errno() {
      return errno;
    }
  }
}
