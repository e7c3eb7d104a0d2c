package dev.quic.resumption.wire;

import dev.quic.dataplane.core.common.Reader;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.frame.FrameWriter;
import dev.quic.dataplane.core.packet.HeaderWriter;
import dev.quic.dataplane.core.packet.PacketHeader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a server answers to a first flight that somebody copied: he can read no more of it than the
 * Initial packets, whose keys follow from the flight itself (RFC 9001 section 5.2).
 */
public final class FlightEcho {
  /** Beyond the numbers any first flight uses. */
  private static final long CLOSE_NUMBER = 1_000;

  private static final int PN_BYTES = 4;
  private static final int MIN_INITIAL = 1_200;
  private static final int MAX_HELLO = 1 << 14;

  private final ConnId original;
  private final ConnId client;
  private final Reassembly crypto = new Reassembly(MAX_HELLO);
  private final MessageTap tap = new MessageTap(Link.INITIAL, false);
  private final List<TlsMessage> messages = new ArrayList<>();
  private long largest = -1;
  private int datagrams;
  private boolean retry;
  private boolean closed;

  /**
   * @param flight its datagrams, as they were sent
   */
  public FlightEcho(List<byte[]> flight) {
    byte[] first = flight.getFirst();
    PacketHeader header = new PacketHeader();
    if (header.parse(first, 0, first.length) != PacketHeader.Kind.INITIAL) {
      throw new IllegalArgumentException("a first flight begins with an Initial packet");
    }
    original = header.dcid(first);
    client = header.scid(first);
  }

  /** A datagram of the answer. */
  public void answer(byte[] datagram) {
    datagrams++;
    PacketHeader header = new PacketHeader();
    for (int at = 0; at < datagram.length; at = header.end) {
      switch (header.parse(datagram, at, datagram.length)) {
        case INITIAL -> initial(Arrays.copyOfRange(datagram, at, header.end));
        case RETRY -> retry = true;
        case HANDSHAKE, ZERO_RTT -> {}
        default -> {
          return;
        }
      }
    }
  }

  private void initial(byte[] packet) {
    PacketHeader header = new PacketHeader();
    header.parse(packet, 0, packet.length);
    PacketProtection key = InitialSecrets.protection(Link.VERSION, original.toBytes(), false);
    int pnLen = key.unprotect(packet, 0, header.pnOff, packet.length);
    long pn = pnLen == 0 ? 0 : PacketProtection.decodePn(packet, header.pnOff, pnLen, largest);
    int length = pnLen == 0 ? -1 : key.open(packet, 0, header.pnOff, pnLen, packet.length, pn);
    key.destroy();
    if (length < 0) {
      return;
    }
    largest = Math.max(largest, pn);
    Reader in = new Reader(packet, header.pnOff + pnLen, length);
    Frame f = new Frame();
    while (in.remaining() > 0 && f.parse(in) == 0) {
      closed |= f.type == FrameType.CONNECTION_CLOSE;
      if (f.type == FrameType.CRYPTO && crypto.add(f.offset, packet, f.dataOff, f.dataLen)) {
        tap.bytes(crypto.take(), messages);
      }
    }
  }

  /** Datagrams that came back. */
  public int datagrams() {
    return datagrams;
  }

  /** The server wanted to see the address proved first. */
  public boolean retry() {
    return retry;
  }

  /** The server refused. */
  public boolean closed() {
    return closed;
  }

  /** The ServerHello message; null while there is none. */
  public @Nullable TlsMessage serverHello() {
    for (TlsMessage m : messages) {
      if (m.type() == TlsMessage.SERVER_HELLO) {
        return m;
      }
    }
    return null;
  }

  /** Whether the ServerHello selected the pre-shared key of the copied flight. */
  public boolean keySelected() {
    TlsMessage hello = serverHello();
    return hello != null && hello.serverHello().selectedKey() >= 0;
  }

  /** An Initial that closes what the copy began, so that the original's id is free again. */
  public byte[] closing() {
    byte[] out = new byte[MIN_INITIAL + PacketProtection.TAG];
    int level = Link.INITIAL;
    int wire = Link.VERSION.wire();
    int pnOff =
        HeaderWriter.writeLong(out, 0, wire, level, original, client, new byte[0], PN_BYTES);
    int end = MIN_INITIAL - PacketProtection.TAG;
    Writer w = new Writer(out, pnOff + PN_BYTES, end - pnOff - PN_BYTES);
    FrameWriter.close(w, false, 0, 0, new byte[0]);
    w.zeros(w.remaining());
    HeaderWriter.finishLong(out, pnOff, PN_BYTES, CLOSE_NUMBER, end + PacketProtection.TAG);
    PacketProtection key = InitialSecrets.protection(Link.VERSION, original.toBytes(), true);
    key.seal(out, 0, pnOff, end, CLOSE_NUMBER);
    key.destroy();
    return Arrays.copyOf(out, MIN_INITIAL);
  }
}
