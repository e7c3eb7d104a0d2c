package dev.quic.dataplane.core.packet;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.RangeSet;
import dev.quic.dataplane.core.common.Reader;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.frame.FrameWriter;
import dev.quic.dataplane.core.packet.ClientHello.Known;
import dev.quic.dataplane.core.pnspace.PnSpace;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * The Initials of one client before anybody knows whose they are: its ClientHello put together from
 * CRYPTO frames in any order (RFC 9000 section 19.6), and the datagrams as they came. Holds at most
 * {@link Limits#FLIGHT_DATAGRAMS} datagrams and {@link Limits#HELLO_BYTES} of the message.
 */
public final class FirstFlight {
  /** What a datagram added. */
  public enum Outcome {
    /** Bytes of the ClientHello, or a first packet without any. */
    MORE,
    /** Nothing new: the client sends again. */
    REPEATED,
    /** Nothing that a client with these ids could have sent. */
    FORGED,
    /** Over a limit, or no ClientHello. */
    REFUSED
  }

  /** A datagram kept, with the ECN field of its IP header. */
  public record Kept(byte[] bytes, int ecn) {}

  private final QuicVersion version;
  private final ConnId dcid;
  private final List<Kept> kept = new ArrayList<>(2);
  private final RangeSet have = new RangeSet();
  private final ClientHello hello = new ClientHello();
  private byte[] message = new byte[2_048];
  private Known known = Known.PART;
  private final PnSpace numbers = new PnSpace();
  private ConnId peer = ConnId.EMPTY;
  private ConnId own = ConnId.EMPTY;
  private long sent;
  private int sentBytes;
  private boolean asks;
  private int bytes;

  public FirstFlight(QuicVersion version, ConnId dcid) {
    this.version = version;
    this.dcid = dcid;
  }

  /** The destination id of the client's choice. */
  public ConnId dcid() {
    return dcid;
  }

  public QuicVersion version() {
    return version;
  }

  /** Whether the listener can be chosen. */
  public boolean known() {
    return known == Known.ALL;
  }

  public ClientHello hello() {
    return hello;
  }

  /** Bytes of the datagrams kept. */
  public int bytes() {
    return bytes + message.length;
  }

  /** What was kept, in the order of arrival. */
  public List<Kept> datagrams() {
    return kept;
  }

  /** Keeps a datagram of 0-RTT that came early; what is too much is dropped. */
  public void keep(byte[] buf, int off, int len, int ecn) {
    if (kept.size() < Limits.FLIGHT_DATAGRAMS) {
      kept.add(new Kept(Arrays.copyOfRange(buf, off, off + len), ecn));
      bytes += len;
    }
  }

  /**
   * Takes a datagram that begins with an Initial of this client; it is not changed.
   *
   * @param names whether the server name is wanted
   */
  public Outcome add(byte[] buf, int off, int len, int ecn, boolean names) {
    long before = have.total();
    byte[] open = Arrays.copyOfRange(buf, off, off + len);
    asks = false;
    int packets = packets(open, len);
    if (packets <= 0) {
      return packets < 0 ? Outcome.REFUSED : Outcome.FORGED;
    }
    boolean first = kept.isEmpty();
    if (!first && have.total() == before) {
      return Outcome.REPEATED;
    }
    if (kept.size() == Limits.FLIGHT_DATAGRAMS) {
      return Outcome.REFUSED;
    }
    keep(buf, off, len, ecn);
    boolean begun = !have.isEmpty() && have.low(0) == 0;
    known = begun ? hello.read(message, (int) have.high(0), names) : Known.PART;
    return known == Known.NONSENSE ? Outcome.REFUSED : Outcome.MORE;
  }

  /** Opens the Initials of a datagram: how many were authentic, -1 for one over a limit. */
  private int packets(byte[] open, int len) {
    PacketHeader h = new PacketHeader();
    PacketProtection p = InitialSecrets.protection(version, dcid.toBytes(), true);
    int authentic = 0;
    try {
      for (int at = 0; at < len; at = h.end) {
        // RFC 9000 section 12.2: packets of one datagram share the destination id.
        if (h.parse(open, at, len) != PacketHeader.Kind.INITIAL || !isOurs(h.dcid(open))) {
          break;
        }
        int pnLen = p.unprotect(open, h.start, h.pnOff, h.end);
        if (pnLen == 0) {
          continue;
        }
        long pn = PacketProtection.decodePn(open, h.pnOff, pnLen, numbers.largest());
        int n = p.open(open, h.start, h.pnOff, pnLen, h.end, pn);
        if (n >= 0) {
          authentic++;
          peer = h.scid(open);
          numbers.receive(pn, 0);
          if (!frames(open, h.pnOff + pnLen, n)) {
            return -1;
          }
        }
      }
    } finally {
      p.destroy();
    }
    return authentic;
  }

  private boolean isOurs(ConnId id) {
    return id.equals(dcid) || gave(id);
  }

  /**
   * Writes a packet that acknowledges what came. Without it a client that lost a part of its
   * ClientHello might send the beginning again for ever (RFC 9002 section 6.2.4).
   *
   * @param id source id of the connection to be, the same each time
   * @return length of the packet at 0
   */
  public int acknowledge(byte[] out, ConnId id) {
    own = id;
    return packet(out, id, w -> FrameWriter.ack(w, numbers, 0, Limits.HELLO_PIECES));
  }

  /**
   * Writes a packet that ends the connection before there is one.
   *
   * @param error of the transport
   * @return length of the packet at 0
   */
  public int refuse(byte[] out, int error) {
    // RFC 9000 section 7.2: a client that saw an acknowledgement takes no other source id.
    ConnId id = own.isEmpty() ? dcid : own;
    return packet(out, id, w -> FrameWriter.close(w, false, error, 0, new byte[0]));
  }

  private int packet(byte[] out, ConnId scid, Consumer<Writer> frame) {
    long pn = sent++;
    int level = QuicUapi.QUIC_CRYPTO_INITIAL;
    int pnOff = HeaderWriter.writeLong(out, 0, version.wire(), level, peer, scid, new byte[0], 4);
    Writer w = new Writer(out, pnOff + 4, 512);
    frame.accept(w);
    HeaderWriter.finishLong(out, pnOff, 4, pn, w.position() + PacketProtection.TAG);
    PacketProtection p = InitialSecrets.protection(version, dcid.toBytes(), false);
    p.seal(out, 0, pnOff, w.position(), pn);
    p.destroy();
    int length = w.position() + PacketProtection.TAG;
    sentBytes += length;
    return length;
  }

  /** Whether the last datagram asks for an acknowledgement (RFC 9000 section 13.2.1). */
  public boolean asks() {
    return asks;
  }

  /** Whether an id is the one that acknowledgements gave: who uses it has received one. */
  public boolean gave(ConnId id) {
    return !own.isEmpty() && id.equals(own);
  }

  /** Source id of the acknowledgements, which the connection has to keep; empty without any. */
  public ConnId own() {
    return own;
  }

  /** Packets sent, numbered from 0. */
  public long sent() {
    return sent;
  }

  /** Bytes of them. */
  public int sentBytes() {
    return sentBytes;
  }

  private boolean frames(byte[] open, int off, int len) {
    Reader r = new Reader(open, off, len);
    Frame f = new Frame();
    while (r.remaining() > 0) {
      if (f.parse(r) != 0) {
        // The connection will say what is wrong with it.
        return true;
      }
      asks |= FrameType.isAckEliciting(f.type);
      if (f.type == FrameType.CRYPTO && !crypto(f, open)) {
        return false;
      }
    }
    return true;
  }

  private boolean crypto(Frame f, byte[] open) {
    long end = f.offset + f.dataLen;
    if (end > Limits.HELLO_BYTES || have.count() >= Limits.HELLO_PIECES) {
      return false;
    }
    if (end > message.length) {
      message = Arrays.copyOf(message, (int) Math.min(2 * end, Limits.HELLO_BYTES));
    }
    System.arraycopy(open, f.dataOff, message, (int) f.offset, f.dataLen);
    have.add(f.offset, end);
    return true;
  }
}
