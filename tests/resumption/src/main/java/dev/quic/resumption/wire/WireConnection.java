package dev.quic.resumption.wire;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.dataplane.core.crypto.RetryTag;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.frame.TransportParamError;
import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.TlsAlert;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsEngine;
import dev.quic.handshaked.tls.TlsEngines;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.TlsOutcome;
import dev.quic.handshaked.tls.session.SessionMaker;
import dev.quic.handshaked.tls.session.TlsSession;
import dev.quic.uapi.QuicUapi;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One QUIC connection without sockets, clock or threads: datagrams and times in, datagrams and a
 * deadline out. Small and plain: no congestion control beyond a window of a few packets, no
 * migration, no key update; a lost packet is sent again after a timeout. Confined to one thread.
 */
public final class WireConnection implements AutoCloseable {
  /** RFC 9002 section 6.2.2: about twice the initial round trip time. */
  private static final long FIRST_PTO = 600_000_000L;

  private static final int MAX_BACKOFF = 4;
  private static final int MAX_PARAMETERS = 1_024;
  private static final int ID_BYTES = 8;
  private static final int APPLICATION_CLOSE = 0;

  private final Link link;
  private final Sealer sealer;
  private final Opener opener;
  private final TlsEngine tls;
  private final TransportParams local;
  private final @Nullable Function<Request, byte[]> responder;
  private final List<TlsSession> sessions = new ArrayList<>();
  private final List<byte[]> outbox = new ArrayList<>();
  private final MessageTap[][] taps = new MessageTap[2][4];
  private @Nullable TlsOutcome outcome;
  private @Nullable String failure;
  private long deadline = Long.MAX_VALUE;
  private long lastSent = Long.MIN_VALUE;
  private int timeouts;
  private boolean firstFlight = true;

  private WireConnection(
      Link link,
      TransportParams local,
      Function<byte[], TlsEngine> engine,
      @Nullable Function<Request, byte[]> responder) {
    this.link = link;
    this.local = local.copySettings();
    this.responder = responder;
    this.sealer = new Sealer(link);
    this.opener = new Opener(link, new FrameTaker());
    for (int level = 0; level < 4; level++) {
      taps[0][level] = new MessageTap(level, false);
      taps[1][level] = new MessageTap(level, true);
    }
    this.local.initialSourceId = link.own;
    if (link.server) {
      this.local.originalDestId = link.original;
    }
    this.tls = engine.apply(link.server ? new byte[0] : parameters());
  }

  /**
   * A client; {@link #start} sends its first flight.
   *
   * @param local settings it tells the server; ids are added
   * @param token of a Retry or NEW_TOKEN of before, empty for none
   */
  public static WireConnection client(
      TlsConfig.Client config, TransportParams local, byte[] token, SecureRandom random) {
    Link link = new Link(false, id(random), id(random), token);
    return new WireConnection(link, local, body -> TlsEngines.client(config, body), null);
  }

  /**
   * A server, for a client whose first Initial went to {@code original}.
   *
   * @param responder answers each whole stream; its answer ends the stream
   */
  public static WireConnection server(
      TlsConfig.Server config,
      TransportParams local,
      ConnId original,
      SecureRandom random,
      Function<Request, byte[]> responder) {
    Link link = new Link(true, id(random), original, new byte[0]);
    return new WireConnection(link, local, body -> TlsEngines.server(config), responder);
  }

  private static ConnId id(SecureRandom random) {
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    return ConnId.of(bytes);
  }

  /** The limits both roles tell the other: small, for small exchanges. */
  public static TransportParams limits() {
    TransportParams p = TransportParams.localDefaults();
    p.maxStreamsBidi = Streams.MAX_STREAMS;
    p.maxStreamsUni = Streams.MAX_STREAMS;
    p.maxStreamDataBidiLocal = Streams.MAX_STREAM;
    p.maxStreamDataBidiRemote = Streams.MAX_STREAM;
    p.maxStreamDataUni = Streams.MAX_STREAM;
    p.maxData = 4 * Streams.MAX_STREAM;
    return p;
  }

  private byte[] parameters() {
    byte[] body = new byte[MAX_PARAMETERS];
    int n = local.build(link.server, body, 0, body.length);
    if (n < 0) {
      throw new IllegalArgumentException("transport parameters that cannot be encoded");
    }
    return Arrays.copyOf(body, n);
  }

  /** A client makes its first flight; what was opened before goes with it as early data. */
  public void start() {
    tls.start();
    carryOut();
  }

  /** Opens a stream and sends all of it. */
  public long open(byte[] bytes, boolean uni) {
    long id = link.streams.open(uni);
    link.space(Link.APP).queue.addAll(Piece.stream(id, bytes, true));
    return id;
  }

  /** Opens a unidirectional stream that stays open, as HTTP/3's control stream must. */
  public void openControl(byte[] bytes) {
    link.space(Link.APP).queue.addAll(Piece.stream(link.streams.open(true), bytes, false));
  }

  /** What the peer sent on a stream so far, in order. */
  public byte[] received(long stream) {
    return link.streams.received(stream);
  }

  /** The peer sent all of the stream. */
  public boolean whole(long stream) {
    return link.streams.whole(stream);
  }

  /** A datagram came. */
  public void receive(byte[] datagram, long now) {
    if (isOver()) {
      return;
    }
    opener.datagram(datagram, now);
    opener.unpark(now);
    answer();
  }

  private void answer() {
    if (responder != null && link.sendKeys[Link.APP] != null) {
      link.streams
          .answers(responder)
          .forEach((id, bytes) -> link.space(Link.APP).queue.addAll(Piece.stream(id, bytes, true)));
    }
  }

  /** Datagrams to send now. */
  public List<byte[]> datagrams(long now) {
    List<byte[]> out = new ArrayList<>(outbox);
    outbox.clear();
    if (!isOver()) {
      out.addAll(sealer.datagrams());
    }
    if (firstFlight && !link.server && !out.isEmpty()) {
      firstFlight = false;
      link.sight.earlyDatagrams.addAll(out);
    }
    if (!out.isEmpty()) {
      lastSent = now;
    }
    if (!link.server && link.space(Link.HANDSHAKE).numbers.next() > 0) {
      // RFC 9001 section 4.9.1.
      link.discard(Link.INITIAL);
    }
    boolean waiting = false;
    for (int level : new int[] {Link.INITIAL, Link.HANDSHAKE, Link.APP}) {
      waiting |= !link.space(level).inFlight.isEmpty();
    }
    // A client goes on until the server surely can (RFC 9002 section 6.2.2.1).
    waiting |= !link.server && !link.sight.complete;
    deadline =
        waiting && !isOver()
            ? lastSent + (FIRST_PTO << Math.min(timeouts, MAX_BACKOFF))
            : Long.MAX_VALUE;
    return out;
  }

  /** When {@link #onTimer} is wanted, ns; {@link Long#MAX_VALUE} for never. */
  public long deadline() {
    return deadline;
  }

  public void onTimer(long now) {
    if (now < deadline || isOver()) {
      return;
    }
    timeouts++;
    // Also when nothing can be sent now: the next try is later, or this one would be for ever.
    lastSent = now;
    boolean any = false;
    for (int level : new int[] {Link.INITIAL, Link.HANDSHAKE, Link.APP}) {
      Space space = link.space(level);
      any |= !space.inFlight.isEmpty();
      space.allAgain();
    }
    if (!any) {
      int level = link.sendKeys[Link.HANDSHAKE] != null ? Link.HANDSHAKE : Link.INITIAL;
      link.space(level).queue.add(new Piece.Bare(FrameType.PING));
    }
  }

  /** Closes; the datagrams that say so are the last. */
  public void close(String reason) {
    end(false, true, APPLICATION_CLOSE, reason);
  }

  private void end(boolean byPeer, boolean application, long error, String reason) {
    if (isOver()) {
      return;
    }
    if (!byPeer) {
      outbox.addAll(sealer.close(application, error, reason));
    }
    link.sight.close = new Sight.Close(byPeer, application, error, reason);
    link.discardAll();
  }

  /** Closed, by either side. */
  public boolean isOver() {
    return link.sight.close != null;
  }

  public Sight sight() {
    return link.sight;
  }

  /** Why our own TLS or transport refused the peer; null when it did not. */
  public @Nullable String failure() {
    return failure;
  }

  /** Sessions of the tickets so far; their secrets are the caller's to wipe. */
  public List<TlsSession> takeSessions() {
    List<TlsSession> all = List.copyOf(sessions);
    sessions.clear();
    return all;
  }

  /** Our id: where the peer's later packets go. */
  public ConnId id() {
    return link.own;
  }

  /** Where the client's first packets went. */
  public ConnId original() {
    return link.original;
  }

  private void refuse(long error, String reason) {
    if (!isOver()) {
      failure = reason;
    }
    end(false, false, error, reason);
  }

  private void carryOut() {
    for (List<TlsEvent> events = tls.drain(); !events.isEmpty(); events = tls.drain()) {
      for (TlsEvent event : events) {
        if (isOver() && event instanceof TlsEvent.Secret secret) {
          secret.destroy();
        } else if (!isOver()) {
          carryOut(event);
        }
      }
    }
  }

  private void carryOut(TlsEvent event) {
    switch (event) {
      case TlsEvent.Crypto c -> {
        taps[1][c.level().number()].bytes(c.bytes(), link.sight.messages);
        link.space(c.level().number()).crypto(c.bytes());
        earlyDecided();
      }
      case TlsEvent.Secret s -> install(s);
      case TlsEvent.PeerTransportParameters p -> peerParameters(p.body());
      case TlsEvent.NeedLocalTransportParameters ignored ->
          tls.localTransportParameters(parameters());
      case TlsEvent.EarlyData e -> earlyData(e.accepted());
      case TlsEvent.AlpnSelected ignored -> {}
      case TlsEvent.Complete c -> completed(c.outcome());
      case TlsEvent.Ticket t -> ticket(t.raw());
      case TlsEvent.Alert a -> refuse(TlsAlert.CRYPTO_ERROR + a.alert(), a.reason());
    }
  }

  /** A server that sends without an early key has none to come. */
  private void earlyDecided() {
    if (link.server && link.recvKeys[Link.EARLY] == null) {
      opener.forgetEarly();
    }
  }

  private void install(TlsEvent.Secret s) {
    QuicCipher cipher = QuicCipher.of(s.cipher());
    if (cipher == null) {
      throw new IllegalStateException("cipher " + s.cipher() + " of our own TLS");
    }
    int level = s.level().number();
    PacketProtection key = PacketProtection.of(cipher, Link.VERSION, s.secret());
    link.setKey(s.send() ? link.sendKeys : link.recvKeys, level, key);
    s.destroy();
  }

  private void peerParameters(byte[] body) {
    TransportParams peer = new TransportParams();
    TransportParamError error = TransportParams.parse(body, 0, body.length, !link.server, peer);
    if (error != TransportParamError.NONE) {
      refuse(
          QuicUapi.QUIC_TRANSPORT_ERROR_TRANSPORT_PARAM,
          "the peer's transport parameters: " + error);
      return;
    }
    link.sight.peerParameters = peer;
  }

  private void earlyData(boolean accepted) {
    if (!accepted) {
      // RFC 9001 section 4.6.2: what was sent early is sent again once there are 1-RTT keys.
      link.setKey(link.sendKeys, Link.EARLY, null);
      link.space(Link.APP).again(Link.EARLY);
    }
  }

  private void completed(TlsOutcome done) {
    outcome = done;
    link.sight.complete = true;
    if (link.server) {
      link.sight.confirmed = true;
      link.space(Link.APP).queue.add(new Piece.Bare(FrameType.HANDSHAKE_DONE));
      // RFC 9001 section 4.9.2.
      link.discard(Link.HANDSHAKE);
    }
  }

  private void ticket(byte[] raw) {
    TlsOutcome done = outcome;
    SessionMaker maker = done == null ? null : done.sessions();
    TlsSession session = maker == null ? null : maker.session(raw);
    if (session != null) {
      sessions.add(session);
    }
  }

  /** Wipes what is left. */
  @Override
  public void close() {
    tls.close();
    link.discardAll();
    TlsOutcome done = outcome;
    if (done != null) {
      done.destroy();
    }
    sessions.forEach(TlsSession::destroy);
    sessions.clear();
  }

  /** Carries out what frames say. */
  private final class FrameTaker implements Opener.Frames {
    @Override
    public void frame(int level, Frame f, byte[] packet) {
      if (isOver()) {
        return;
      }
      if (f.type >= FrameType.STREAM && f.type <= FrameType.STREAM_LAST) {
        allowed(link.streams.data(f, packet, level == Link.EARLY));
        return;
      }
      switch (f.type) {
        case FrameType.ACK, FrameType.ACK_ECN -> acked(level, f);
        case FrameType.CRYPTO -> crypto(level, f, packet);
        case FrameType.RESET_STREAM -> {
          link.sight.reset = true;
          allowed(link.streams.reset(f.id));
        }
        case FrameType.HANDSHAKE_DONE -> {
          link.sight.confirmed = true;
          link.discard(Link.HANDSHAKE);
        }
        case FrameType.NEW_TOKEN -> {
          if (f.dataLen <= Link.MAX_TOKEN) {
            link.sight.token = Arrays.copyOfRange(packet, f.dataOff, f.dataOff + f.dataLen);
          }
        }
        case FrameType.PATH_CHALLENGE -> link.space(Link.APP).challenged(f.id);
        case FrameType.CONNECTION_CLOSE, FrameType.CONNECTION_CLOSE_APP -> {
          boolean application = f.type == FrameType.CONNECTION_CLOSE_APP;
          end(
              true,
              application,
              f.error,
              new String(packet, f.dataOff, f.dataLen, StandardCharsets.UTF_8));
        }
        default -> {
          // Limits and ids that such short exchanges do not need.
        }
      }
    }

    private void allowed(boolean so) {
      if (!so) {
        refuse(QuicUapi.QUIC_TRANSPORT_ERROR_FLOW_CONTROL, "more than was allowed");
      }
    }

    private void acked(int level, Frame f) {
      Space space = link.space(level);
      if (f.id >= space.numbers.next()) {
        refuse(
            QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION, "acknowledged what was never sent");
        return;
      }
      link.sight.earlyAcked += space.acked(f);
      timeouts = 0;
    }

    private void crypto(int level, Frame f, byte[] packet) {
      Space space = link.space(level);
      if (!space.crypto.add(f.offset, packet, f.dataOff, f.dataLen)) {
        refuse(QuicUapi.QUIC_TRANSPORT_ERROR_CRYPTO_BUF_EXCEEDED, "too many handshake bytes");
        return;
      }
      byte[] fresh = space.crypto.take();
      if (fresh.length > 0) {
        taps[0][level].bytes(fresh, link.sight.messages);
        tls.receive(CryptoLevel.of(level), fresh, 0, fresh.length);
        carryOut();
      }
    }

    @Override
    public void broken(int level, int error) {
      refuse(error, "a malformed packet");
    }

    @Override
    public void retry(byte[] packet, PacketHeader header) {
      if (link.sight.retried) {
        return;
      }
      link.sight.retried = true;
      int length = packet.length - RetryTag.LENGTH - header.pnOff;
      if (length > Link.MAX_TOKEN) {
        refuse(
            QuicUapi.QUIC_TRANSPORT_ERROR_INTERNAL,
            "a Retry whose token of " + length + " bytes leaves no room for a ClientHello");
        return;
      }
      link.token = Arrays.copyOfRange(packet, header.pnOff, header.pnOff + length);
      link.peer = header.scid(packet);
      link.initialKeys(link.peer);
      for (int level : new int[] {Link.INITIAL, Link.APP}) {
        link.space(level).allAgain();
      }
    }

    @Override
    public void versionNegotiation() {
      if (!link.peerKnown) {
        refuse(0, "the server does not speak QUIC version 1");
      }
    }
  }
}
