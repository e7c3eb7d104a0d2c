package dev.quic.uds.door;

import dev.quic.uapi.Errno;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uds.SeqPacket;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A process's control connection to the data plane. Any thread; one packet of calls is on its way
 * at a time.
 */
public final class DoorClient implements AutoCloseable {
  /** Bytes of the kernel's buffers: several of the largest packets. */
  private static final int BUFFERS = 1 << 20;

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
      return new DoorClient(SeqPacket.connect(dir.socket()).buffers(BUFFERS).confidential());
    } catch (ConnectException e) {
      throw new ConnectException("no data plane at " + e.getMessage());
    }
  }

  /**
   * Connects to look at a data plane, which makes no sockets for it.
   *
   * @throws IOException with one clear line when no data plane is there
   */
  public static DoorClient connectToLook(RunDir dir) throws IOException {
    try {
      return new DoorClient(SeqPacket.connect(dir.diag()).buffers(BUFFERS));
    } catch (ConnectException e) {
      throw new ConnectException("no data plane at " + e.getMessage());
    }
  }

  /**
   * Reads a view: {@code snmp}, {@code conns}, {@code eps} or {@code sockets}.
   *
   * @throws DoorException ENOENT for another name, ENOBUFS when others read too much just now
   */
  public String view(String name) throws IOException {
    StringBuilder text = new StringBuilder();
    while (true) {
      byte[] payload = name.getBytes(StandardCharsets.US_ASCII);
      DoorCall reply = call(new DoorCall(Door.OP_PROC, nextSeq(), text.length(), payload));
      if (reply.value() < 0) {
        throw new DoorException(-reply.value(), "view " + name);
      }
      if (reply.value() == 0) {
        return text.toString();
      }
      text.append(new String(reply.payload(), StandardCharsets.US_ASCII));
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
   * error. The data plane never lets a call wait for the network, so this cannot be interrupted.
   *
   * @param calls one or more, with numbers of {@link #nextSeq}
   * @param pass descriptor to pass along, -1 for none
   * @throws IOException when the data plane is gone
   */
  public Answer call(List<DoorCall> calls, int pass) throws IOException {
    byte[] packet = DoorCall.encode(calls);
    lock.lock();
    try {
      control.send(packet, 0, packet.length, pass);
      while (true) {
        int n = receive();
        List<DoorCall> replies = n > 0 ? DoorCall.parse(in, n) : null;
        Arrays.fill(in, 0, Math.max(n, 0), (byte) 0);
        int came = control.takeDescriptor();
        if (replies == null) {
          discard(came);
          throw new IOException("the data plane closed the control connection");
        }
        // A packet the data plane could not read at all is answered without a number.
        if (replies.get(0).seq() == calls.get(0).seq() || replies.get(0).op() == 0) {
          return new Answer(replies, came);
        }
        // To a call whose caller has given up.
        discard(came);
      }
    } finally {
      lock.unlock();
      Arrays.fill(packet, (byte) 0);
    }
  }

  private int receive() {
    boolean interrupted = false;
    int n = control.receive(in, -1);
    while (n == -Errno.EINTR) {
      interrupted |= Thread.interrupted();
      n = control.receive(in, -1);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return n;
  }

  private static void discard(int descriptor) {
    if (descriptor >= 0) {
      SeqPacket.closeDescriptor(descriptor);
    }
  }

  /** One call. @return its reply, whose value may be a negated errno */
  public DoorCall call(DoorCall call) throws IOException {
    Answer a = call(List.of(call), -1);
    discard(a.descriptor);
    return a.replies.get(0);
  }

  /**
   * Makes a socket.
   *
   * @throws DoorException EAFNOSUPPORT, EPROTONOSUPPORT, EMFILE
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
      discard(a.descriptor);
      // The kernel drops a descriptor that this process has no number left for.
      throw new DoorException(a.result() < 0 ? -a.result() : Errno.EMFILE, what);
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
      discard(a.descriptor);
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
