package dev.quic.handshaked.daemon.bus;

import dev.quic.handshaked.daemon.service.Grant;
import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.HandshakePortException;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uapi.door.DoorData;
import dev.quic.uapi.door.GrantQuestions;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uapi.option.SockaddrCodec;
import dev.quic.uds.SeqPacket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A grant on its own descriptor. What a handshake sends and installs is collected and leaves in one
 * packet, in the order of the calls, when an answer or a message is needed; what every handshake
 * asks for at its beginning is asked for in one packet, and answered from there.
 */
final class DoorGrant implements Grant {
  private static final int INT_BYTES = 4;

  /** Bytes of a handshake message sent with one call. */
  private static final int MAX_PIECE = 1 << 15;

  private final GrantLine line;
  private final boolean client;
  private final int features;
  private final DoorData header = new DoorData();

  /** Answers that were not used yet, by option name; void once the handshake changes anything. */
  private final Map<Integer, byte[]> ahead = new HashMap<>();

  private @Nullable DoorCall peername;
  private @Nullable DoorCall protocol;
  private boolean begun;

  /**
   * @param descriptor becomes the grant's
   * @param client whether the handshake is a client's: only then the local transport parameters are
   *     final from the start
   * @param features {@code Nl.FEATURE_*} that the data plane gave it
   */
  DoorGrant(int descriptor, boolean client, int features) {
    line = new GrantLine(SeqPacket.adopt(descriptor).confidential());
    this.client = client;
    this.features = features;
  }

  /** What DONE passes back. */
  int descriptor() {
    return line.number();
  }

  @Override
  public long number() {
    return descriptor();
  }

  // The beginning.

  /**
   * Gets everything in one packet, which may be there unasked. What fails there is asked for again
   * when it is needed.
   */
  private void begin() throws HandshakePortException {
    if (begun) {
      return;
    }
    begun = true;
    List<DoorCall> replies = (features & Nl.FEATURE_AHEAD) != 0 ? line.ahead() : askAll();
    peername = reply(replies, GrantQuestions.PEERNAME);
    protocol = reply(replies, GrantQuestions.PROTOCOL);
    keep(replies, GrantQuestions.ALPN, QuicUapi.QUIC_SOCKOPT_ALPN);
    keep(replies, GrantQuestions.TICKET, GrantQuestions.ticketOption(client));
    keep(replies, GrantQuestions.CONFIG, QuicUapi.QUIC_SOCKOPT_CONFIG);
    keep(replies, GrantQuestions.PARAMETERS, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT);
  }

  private List<DoorCall> askAll() throws HandshakePortException {
    for (DoorCall question : GrantQuestions.of(client)) {
      line.collect(question);
    }
    return line.exchange();
  }

  private static @Nullable DoorCall reply(List<DoorCall> replies, int i) {
    return i < replies.size() && replies.get(i).value() >= 0 ? replies.get(i) : null;
  }

  private void keep(List<DoorCall> replies, int i, int name) {
    DoorCall r = reply(replies, i);
    if (r != null) {
      ahead.put(name, r.payload());
    }
  }

  /** One call, after all that were collected. */
  private DoorCall ask(DoorCall call) throws HandshakePortException {
    line.collect(call);
    List<DoorCall> replies = line.exchange();
    GrantLine.check(replies);
    if (replies.isEmpty()) {
      throw new HandshakePortException(Errno.EPROTO, "the data plane gave no answer");
    }
    return replies.get(replies.size() - 1);
  }

  @Override
  public InetSocketAddress getpeername() throws HandshakePortException {
    begin();
    DoorCall r = peername;
    if (r == null) {
      r = ask(DoorCall.of(Door.OP_GETPEERNAME, 0, 0));
    }
    InetSocketAddress a = SockaddrCodec.decode(r.payload(), 0, r.payload().length);
    if (a == null) {
      throw new HandshakePortException(Errno.EPROTO, "getpeername: not an address");
    }
    return a;
  }

  @Override
  public int protocol() throws HandshakePortException {
    begin();
    DoorCall r = protocol;
    if (r == null) {
      r = ask(GrantQuestions.get(QuicUapi.SOL_SOCKET, QuicUapi.SO_PROTOCOL, INT_BYTES));
    }
    byte[] value = r.payload();
    return value.length < INT_BYTES
        ? -1
        : ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  // The handshake.

  @Override
  public void send(CryptoLevel level, byte[] bytes, boolean more) throws HandshakePortException {
    forget();
    for (int sent = 0; sent < bytes.length; sent += MAX_PIECE) {
      int end = Math.min(sent + MAX_PIECE, bytes.length);
      header.reset(Door.DATA_SEND);
      header.cmsg = QuicUapi.QUIC_HANDSHAKE_INFO;
      header.flags = QuicUapi.MSG_NOSIGNAL | (more || end < bytes.length ? QuicUapi.MSG_MORE : 0);
      header.streamFlags = level.number();
      byte[] payload = new byte[Door.DATA_HEADER + end - sent];
      header.write(payload, 0);
      System.arraycopy(bytes, sent, payload, Door.DATA_HEADER, end - sent);
      line.collect(new DoorCall(Door.OP_SENDMSG, 0, 0, payload));
    }
  }

  @Override
  public void setOption(int name, byte[] value) throws HandshakePortException {
    forget();
    line.collect(DoorCall.of(Door.OP_SETSOCKOPT, 0, 0, value, QuicUapi.SOL_QUIC, name));
  }

  @Override
  public byte[] getOption(int name, int max) throws HandshakePortException {
    byte[] known = ahead.remove(name);
    return known != null && known.length <= max
        ? known
        : ask(GrantQuestions.get(QuicUapi.SOL_QUIC, name, max)).payload();
  }

  @Override
  public void flush() throws HandshakePortException {
    GrantLine.check(line.exchange());
  }

  /** Where DONE goes with the last calls, it fails when one of them did. */
  @Override
  public void finish() throws HandshakePortException {
    if (!endsHere()) {
      flush();
    }
  }

  /** Whether DONE may be a call. */
  boolean endsHere() {
    return (features & Nl.FEATURE_DONE) != 0;
  }

  /**
   * DONE as the last call.
   *
   * @param message as on the bus
   * @return 0, or the negated errno of DONE itself
   * @throws HandshakePortException for a call before it, and the request has not ended
   */
  int done(byte[] message) throws HandshakePortException {
    tell(message);
    return told();
  }

  /** DONE as the last call, without waiting for its answer: {@link #told} does. */
  void tell(byte[] message) throws HandshakePortException {
    line.collect(new DoorCall(Door.OP_DONE, 0, 0, message));
    line.ask();
  }

  /** The answer, as {@link #done} has it. Another thread may ask for it. */
  int told() throws HandshakePortException {
    List<DoorCall> replies = line.answers();
    DoorCall last = replies.isEmpty() ? null : replies.get(replies.size() - 1);
    if (last != null && last.op() == Door.OP_DONE) {
      return last.value();
    }
    GrantLine.check(replies);
    throw new HandshakePortException(Errno.EPROTO, "the data plane gave no answer to DONE");
  }

  @Override
  public @Nullable Message receive(long deadlineNanos) throws HandshakePortException {
    return line.receive(deadlineNanos);
  }

  private void forget() {
    ahead.values().forEach(value -> Arrays.fill(value, (byte) 0));
    ahead.clear();
  }

  @Override
  public void close() {
    forget();
    line.close();
  }
}
