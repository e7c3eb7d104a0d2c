package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.path.Path;
import dev.quic.dataplane.core.timer.Timed;
import dev.quic.dataplane.core.timer.TimerTable;
import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/**
 * What the machines of a connection see of their socket: its parts, its state, and the wake-ups it
 * owes. The calls a program makes are in {@link QuicSock}, the only subclass.
 */
abstract class SockState extends Sock implements Timed {
  final NetPort net;
  final long cookie;
  private final int family;
  private final Notes notes = new Notes(this);
  private final Datagrams datagrams = new Datagrams(this);
  private final Tickets tickets = new Tickets(this);
  Settings settings = new Settings();

  /** Stands in for a listener of another net ({@link Twin}); nobody is told of it. */
  boolean twin;

  @Nullable Conn conn;
  private int state = QuicUapi.QUIC_SS_CLOSED;
  private int error;
  private int wakeMask;
  private boolean blocked;

  /** A grant reads the handshake messages. */
  boolean handshakeElsewhere;

  /** The last handshake message came with MSG_MORE. */
  boolean handshakeCorked;

  /** The program closed the socket, or never got it. */
  boolean freed;

  /** Time of the call or event being processed. */
  long lastTime;

  /** It is over, and its connection with it. */
  boolean released;

  private byte[] peerToken = new byte[0];

  // Kept by the net: place in its deadline heap and whether it is to be flushed.
  private int deadlineSeat = NO_SEAT;
  private boolean touched;

  SockState(NetPort net, int family) {
    this.net = net;
    this.family = family;
    cookie = net.newCookie();
  }

  abstract QuicSock self();

  /** Reports that poll state may have changed, now or at the end of the turn. */
  final void wakeLater(int mask) {
    wakeMask |= mask;
    net.touch(self());
  }

  /** 1-RTT packets for this connection; false when they are to come as datagrams, one by one. */
  public final boolean onRun(long now, RxRun run) {
    Conn c = conn;
    lastTime = now;
    if (c == null || released || !c.receiver.onRun(now, run)) {
      return false;
    }
    net.touch(self());
    return true;
  }

  /** Takes what is to be reported. */
  final int takeWakes() {
    int mask = wakeMask;
    wakeMask = 0;
    return mask;
  }

  @Override
  public final long cookie() {
    return cookie;
  }

  @Override
  public final int family() {
    return family;
  }

  @Override
  public final int state() {
    return state;
  }

  @Override
  public final int error() {
    return error;
  }

  @Override
  public final void ofType(int type) {
    settings.type = type;
  }

  NetPort net() {
    return net;
  }

  Settings settings() {
    return settings;
  }

  Notes notes() {
    return notes;
  }

  Datagrams datagrams() {
    return datagrams;
  }

  Tickets tickets() {
    return tickets;
  }

  @Nullable Conn conn() {
    return conn;
  }

  long lastTime() {
    return lastTime;
  }

  int mtu() {
    Conn c = conn;
    return c == null ? Path.BASE_MTU : c.mtu();
  }

  byte[] peerToken() {
    return peerToken;
  }

  void peerToken(byte[] token) {
    peerToken = token;
  }

  void onNewToken(byte[] token) {
    peerToken = token;
    notes.newToken(token);
  }

  /** recvmsg would return something new. */
  void readable() {
    wakeLater(POLL_IN);
  }

  /** Handshake bytes came in; 0 for the frame table. */
  int handshakeReadable() {
    wakeLater(handshakeElsewhere ? POLL_HANDSHAKE : POLL_HANDSHAKE | POLL_IN);
    return 0;
  }

  /** A call was refused for lack of room or credit: its caller waits for POLL_OUT. */
  void blocked() {
    blocked = true;
  }

  /** Room or credit grew. */
  void unblocked() {
    if (blocked) {
      blocked = false;
      wakeLater(POLL_OUT);
    }
  }

  /** Bytes were sent or acknowledged, which may have made room in the send buffer. */
  void moved() {
    Conn c = conn;
    if (blocked && c != null && c.flow.roomy()) {
      unblocked();
    }
  }

  boolean handshakeCorked() {
    return handshakeCorked;
  }

  void onEstablished(long now) {
    setState(now, QuicUapi.QUIC_SS_ESTABLISHED);
    Conn c = conn;
    boolean early = c != null && dataWaits(c);
    wakeLater(early ? POLL_OUT | POLL_IN : POLL_OUT);
  }

  @Override
  public final boolean deliversEarly() {
    return settings.earlyDelivery && conn != null && isServer();
  }

  /** {@link #poll} of a socket that is no listener. */
  final int pollConnection() {
    Conn c = conn;
    int mask = HandshakeCalls.waiting(c) ? POLL_HANDSHAKE : 0;
    boolean in = mask != 0 && !handshakeElsewhere;
    in |= !notes.queue().isEmpty() || c != null && c.early.deliverable() && dataWaits(c);
    if (state == QuicUapi.QUIC_SS_CLOSED) {
      return mask | POLL_IN | POLL_OUT | POLL_HUP | POLL_RDHUP | POLL_ERR;
    }
    if (c != null && c.flow.room() > 0 && c.flow.credit() > 0) {
      mask |= POLL_OUT;
    }
    return mask | (in ? POLL_IN : 0);
  }

  private boolean dataWaits(Conn c) {
    return datagrams.readable() || !c.flow.reading.isEmpty();
  }

  /** The connection is over; what was received stays readable. */
  void onClosed(int errno) {
    error = errno;
    setState(lastTime, QuicUapi.QUIC_SS_CLOSED);
    wakeLater(POLL_IN | POLL_OUT | POLL_HUP | POLL_RDHUP | POLL_ERR | POLL_HANDSHAKE);
  }

  final void setState(long now, int next) {
    int old = state;
    if (old != next) {
      state = next;
      net.events().stateChanged(now, cookie, old, next);
    }
  }

  // --- for the net

  /**
   * Has an acknowledgement leave with the next flush if it is what this socket waits for and nearly
   * due: others leave now, and one turn for all of them is cheaper than one for each.
   *
   * @return false when it is not nearly due, or something else is due before
   */
  public final boolean acknowledgeEarly(long now) {
    Conn c = conn;
    if (c == null) {
      return false;
    }
    long due = c.timers.get(TimerTable.SACK);
    long early = c.local.maxAckDelay / Limits.ACK_EARLY_PART;
    if (due > c.timers.next() || due - now > early) {
      return false;
    }
    for (Space s : c.spaces) {
      s.acknowledgeBy(due);
    }
    return true;
  }

  @Override
  public final int deadlineSeat() {
    return deadlineSeat;
  }

  @Override
  public final void deadlineSeat(int seat) {
    deadlineSeat = seat;
  }

  public boolean touched() {
    return touched;
  }

  public void touched(boolean on) {
    touched = on;
  }
}
