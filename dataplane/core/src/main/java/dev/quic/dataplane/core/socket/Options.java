package dev.quic.dataplane.core.socket;

import static dev.quic.uapi.Errno.EAGAIN;
import static dev.quic.uapi.Errno.EINVAL;
import static dev.quic.uapi.Errno.ENOPROTOOPT;
import static dev.quic.uapi.Errno.EPIPE;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.dataplane.core.inqueue.EventQueue;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** setsockopt and getsockopt: the kernel's names, structs and errnos. */
final class Options {
  // asm-generic/socket.h.
  private static final int SO_TYPE = 3;
  private static final int SO_ERROR = 4;
  private static final int SO_SNDBUF = 7;
  private static final int SO_RCVBUF = 8;
  private static final int SO_DOMAIN = 39;

  private static final int MAX_OPTLEN = 4_096;
  private static final int LEAST_TICKET = 64;
  private static final int SECRET_OFFSET = 8;

  /** Bytes of a secret for SHA-256. */
  private static final int SHORTEST_SECRET = 32;

  private final QuicSock sock;
  private long closeCode;
  private byte[] closePhrase = new byte[0];
  private @Nullable TransportParams remembered;

  Options(QuicSock sock) {
    this.sock = sock;
  }

  /** Takes what a program set on another socket. */
  void carry(Options from) {
    closeCode = from.closeCode;
    closePhrase = from.closePhrase;
    remembered = from.remembered;
  }

  long closeCode() {
    return closeCode;
  }

  byte[] closePhrase() {
    return closePhrase;
  }

  int set(long now, int level, int name, byte[] v) {
    if (level == QuicUapi.SOL_SOCKET) {
      return setSocketLevel(name, v);
    }
    if (level != QuicUapi.SOL_QUIC) {
      return BindOptions.set(sock, level, name, v);
    }
    if (v.length > MAX_OPTLEN) {
      return -EINVAL;
    }
    return switch (name) {
      case QuicUapi.QUIC_SOCKOPT_EVENT -> setEvent(v);
      case QuicUapi.QUIC_SOCKOPT_STREAM_RESET -> streamOption(v, true);
      case QuicUapi.QUIC_SOCKOPT_STREAM_STOP_SENDING -> streamOption(v, false);
      case QuicUapi.QUIC_SOCKOPT_CONNECTION_ID -> setConnectionId(v);
      case QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE -> setClose(v);
      case QuicUapi.QUIC_SOCKOPT_CONNECTION_MIGRATION -> MigrationOption.set(sock, now, v);
      case QuicUapi.QUIC_SOCKOPT_PREFERRED_ADDRESS -> MigrationOption.setForListener(sock, v);
      case QuicUapi.QUIC_SOCKOPT_KEY_UPDATE -> keyUpdate();
      case QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM -> setTransportParam(v);
      case QuicUapi.QUIC_SOCKOPT_CONFIG -> setConfig(now, v);
      case QuicUapi.QUIC_SOCKOPT_TOKEN -> setToken(v);
      case QuicUapi.QUIC_SOCKOPT_ALPN -> setAlpn(v);
      case QuicUapi.QUIC_SOCKOPT_SERVER_NAME -> BindOptions.set(sock, level, name, v);
      case QuicUapi.QUIC_SOCKOPT_SESSION_TICKET -> setTicket(v);
      case QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET -> setSecret(now, v);
      case QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT -> setExt(now, v);
      case QuicUapi.QUIC_SOCKOPT_EARLY_DATA -> setEarlyData(now, v);
      case QuicUapi.QUIC_SOCKOPT_EARLY_DELIVERY -> setEarlyDelivery(v);
      case QuicUapi.QUIC_SOCKOPT_VERSIONS ->
          sock.conn() != null ? -EINVAL : VersionsOption.set(settings(), v);
      case QuicUapi.QUIC_SOCKOPT_STREAM_PRIORITY -> StreamOptions.setPriority(sock, v);
      case QuicUapi.QUIC_SOCKOPT_SPIN_BIT, QuicUapi.QUIC_SOCKOPT_ECN -> setSwitch(name, v);
      default -> -ENOPROTOOPT;
    };
  }

  int get(long now, int level, int name, byte[] v, int len) {
    if (level == QuicUapi.SOL_SOCKET) {
      return getSocketLevel(name, v, len);
    }
    if (level != QuicUapi.SOL_QUIC) {
      int n = BindOptions.get(sock, level, name);
      return n < 0 ? n : number(n, v, len);
    }
    return switch (name) {
      case QuicUapi.QUIC_SOCKOPT_EVENT -> getEvent(v, len);
      case QuicUapi.QUIC_SOCKOPT_STREAM_OPEN -> streamOpen(v, len);
      case QuicUapi.QUIC_SOCKOPT_CONNECTION_ID -> getConnectionId(v, len);
      case QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE -> getClose(v, len);
      case QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM -> getTransportParam(v, len);
      case QuicUapi.QUIC_SOCKOPT_CONFIG -> getConfig(v, len);
      case QuicUapi.QUIC_SOCKOPT_VERSIONS -> whole(VersionsOption.get(settings()), v, len);
      case QuicUapi.QUIC_SOCKOPT_TOKEN ->
          sock.isServer() ? -EINVAL : whole(sock.peerToken(), v, len);
      case QuicUapi.QUIC_SOCKOPT_ALPN -> getAlpn(v, len);
      case QuicUapi.QUIC_SOCKOPT_SERVER_NAME -> whole(BindOptions.names(settings()), v, len);
      case QuicUapi.QUIC_SOCKOPT_SESSION_TICKET -> getTicket(v, len);
      case QuicUapi.QUIC_SOCKOPT_SET_TICKET_KEY -> getSetTicketKey(v, len);
      case QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT -> getExt(v, len);
      case QuicUapi.QUIC_SOCKOPT_EARLY_DATA -> getEarlyData(v, len);
      case QuicUapi.QUIC_SOCKOPT_EARLY_DELIVERY -> number(settings().earlyDelivery ? 1 : 0, v, len);
      case QuicUapi.QUIC_SOCKOPT_STREAM_PRIORITY -> StreamOptions.getPriority(sock, v, len);
      case QuicUapi.QUIC_SOCKOPT_SPIN_BIT -> number(settings().spinBit ? 1 : 0, v, len);
      case QuicUapi.QUIC_SOCKOPT_ECN -> number(settings().ecn ? 1 : 0, v, len);
      case QuicUapi.QUIC_SOCKOPT_MEMORY -> StreamOptions.getMemory(sock, v, len);
      case QuicUapi.QUIC_SOCKOPT_PATH_MTU -> number(sock.mtu(), v, len);
      default -> -ENOPROTOOPT;
    };
  }

  private Settings settings() {
    return sock.settings();
  }

  private boolean established() {
    return sock.state() == QuicUapi.QUIC_SS_ESTABLISHED;
  }

  private boolean establishing() {
    return sock.state() == QuicUapi.QUIC_SS_ESTABLISHING;
  }

  /** All bytes or EINVAL. */
  private static int whole(byte[] bytes, byte[] v, int len) {
    if (bytes.length > Math.min(len, v.length)) {
      return -EINVAL;
    }
    System.arraycopy(bytes, 0, v, 0, bytes.length);
    return bytes.length;
  }

  // --- SOL_SOCKET

  private int setSocketLevel(int name, byte[] v) {
    if (SocketLevel.knows(name)) {
      return SocketLevel.set(settings(), name, v);
    }
    if (v.length < 4) {
      return -EINVAL;
    }
    int n = (int) Math.min(OptionBytes.get32(v, 0), Integer.MAX_VALUE / 2);
    switch (name) {
      case SO_SNDBUF -> {
        settings().sendBuffer = Math.max(4_096, 2 * n);
        settings().sendBufferLocked = true;
        return 0;
      }
      case SO_RCVBUF -> {
        settings().receiveBuffer = Math.max(4_096, 2 * n);
        return 0;
      }
      default -> {
        return BindOptions.set(sock, QuicUapi.SOL_SOCKET, name, v);
      }
    }
  }

  private int getSocketLevel(int name, byte[] v, int len) {
    if (SocketLevel.knows(name)) {
      return SocketLevel.get(sock, name, v, len);
    }
    long n =
        switch (name) {
          case SO_SNDBUF -> settings().sendBuffer;
          case SO_RCVBUF -> settings().receiveBuffer;
          case QuicUapi.SO_PROTOCOL -> QuicUapi.IPPROTO_QUIC;
          case SO_DOMAIN -> sock.family();
          case SO_TYPE -> settings().type;
          case SO_ERROR -> sock.error();
          default -> BindOptions.get(sock, QuicUapi.SOL_SOCKET, name);
        };
    if (n < 0) {
      return -ENOPROTOOPT;
    }
    return number(n, v, len);
  }

  private static int number(long n, byte[] v, int len) {
    byte[] out = new byte[4];
    OptionBytes.put32(out, 0, n);
    return OptionBytes.answer(out, v, len);
  }

  /** The version is the one in use, once there is a connection. */
  private int getConfig(byte[] v, int len) {
    byte[] config = ConfigOption.get(settings());
    Conn c = sock.conn();
    if (c != null) {
      OptionBytes.put32(config, 0, c.wire);
    }
    return OptionBytes.answer(config, v, len);
  }

  // --- early data

  private int setEarlyData(long now, byte[] v) {
    Conn c = sock.conn();
    long n = OptionBytes.get32(v, 0);
    if (c == null || !establishing() || v.length < 4 || n > 1) {
      return -EINVAL;
    }
    int r = c.early.decide(now, n == 1);
    return r == 0 && !c.closer.live() ? -EPIPE : r;
  }

  private int getEarlyData(byte[] v, int len) {
    Conn c = sock.conn();
    return number(c == null ? Early.UNDECIDED : c.early.decision(), v, len);
  }

  private int setEarlyDelivery(byte[] v) {
    long n = OptionBytes.get32(v, 0);
    if (v.length < 4 || n > 1) {
      return -EINVAL;
    }
    settings().earlyDelivery = n == 1;
    if (n == 1 && sock.conn() != null) {
      sock.readable();
    }
    return 0;
  }

  /** Switches that hold for connections begun afterwards. */
  private int setSwitch(int name, byte[] v) {
    long n = OptionBytes.get32(v, 0);
    if (v.length < 4 || n > 1 || sock.conn() != null) {
      return -EINVAL;
    }
    if (name == QuicUapi.QUIC_SOCKOPT_ECN) {
      settings().ecn = n == 1;
    } else {
      settings().spinBit = n == 1;
    }
    return 0;
  }

  // --- streams and events

  private int setEvent(byte[] v) {
    int type = OptionBytes.get8(v, 0);
    if (type < QuicUapi.QUIC_EVENT_STREAM_UPDATE || type > QuicUapi.QUIC_EVENT_NEW_SESSION_TICKET) {
      return -EINVAL;
    }
    EventQueue q = sock.notes().queue();
    q.enable(type, OptionBytes.get8(v, 1) != 0);
    settings().eventMask = q.mask();
    return 0;
  }

  private int getEvent(byte[] v, int len) {
    int type = OptionBytes.get8(v, 0);
    if (len < 1
        || type < QuicUapi.QUIC_EVENT_STREAM_UPDATE
        || type > QuicUapi.QUIC_EVENT_NEW_SESSION_TICKET) {
      return -EINVAL;
    }
    boolean on = sock.notes().queue().enabled(type);
    return OptionBytes.answer(new byte[] {(byte) type, (byte) (on ? 1 : 0)}, v, len);
  }

  private int streamOpen(byte[] v, int len) {
    Conn c = sock.conn();
    if (c == null || !c.closer.live()) {
      return -EPIPE;
    }
    if (len < 12 || v.length < 12) {
      return -EINVAL;
    }
    long id = sock.streams().openOption(c, OptionBytes.get64(v, 0), (int) OptionBytes.get32(v, 8));
    if (id < 0) {
      return (int) id;
    }
    OptionBytes.put64(v, 0, id);
    return Math.min(len, 16);
  }

  private int streamOption(byte[] v, boolean reset) {
    Conn c = sock.conn();
    if (c == null || !established()) {
      return -EINVAL;
    }
    long id = OptionBytes.get64(v, 0);
    long error = OptionBytes.get32(v, 8);
    return reset ? sock.streams().reset(c, id, error) : sock.streams().stopSending(c, id, error);
  }

  // --- connection ids, close, keys

  private int setConnectionId(byte[] v) {
    Conn c = sock.conn();
    if (c == null || !established()) {
      return -EINVAL;
    }
    boolean dest = OptionBytes.get8(v, 0) != 0;
    if (dest && c.migration.local().pending()) {
      return -EAGAIN;
    }
    long active = OptionBytes.get32(v, 4);
    long prior = OptionBytes.get32(v, 8);
    int r = 0;
    if (active != 0) {
      boolean ahead = active > (dest ? c.dcids.activeSeq() : c.scids.activeSeq());
      r = !ahead ? -EINVAL : dest ? c.dcids.use(active) : c.scids.activate(active);
    }
    if (r == 0 && prior != 0) {
      r = dest ? c.dcids.retirePriorTo(prior) : c.scids.requestRetire(prior);
      if (r == 0 && !dest) {
        c.life.issueIds();
      }
    }
    if (dest) {
      c.migration.onIdsChanged();
    }
    sock.net().touch(sock);
    return r;
  }

  private int getConnectionId(byte[] v, int len) {
    Conn c = sock.conn();
    if (c == null) {
      return -EINVAL;
    }
    boolean dest = OptionBytes.get8(v, 0) != 0;
    byte[] out = new byte[12];
    out[0] = (byte) (dest ? 1 : 0);
    OptionBytes.put32(out, 4, dest ? c.dcids.activeSeq() : c.scids.activeSeq());
    OptionBytes.put32(out, 8, dest ? c.dcids.first() : c.scids.first());
    return OptionBytes.answer(out, v, len);
  }

  private int setClose(byte[] v) {
    closeCode = OptionBytes.get32(v, 0);
    int end = 8;
    while (end < v.length && end < 8 + Limits.CLOSE_PHRASE_BYTES && v[end] != 0) {
      end++;
    }
    closePhrase = v.length > 8 ? Arrays.copyOfRange(v, 8, end) : new byte[0];
    return 0;
  }

  private int getClose(byte[] v, int len) {
    byte[] peer = sock.notes().peerClose();
    byte[] out = peer.length > 0 ? peer : Notes.closeStruct(closeCode, 0, closePhrase);
    return OptionBytes.answer(out, v, len);
  }

  private int keyUpdate() {
    Conn c = sock.conn();
    if (c == null || !established()) {
      return -EPIPE;
    }
    return c.keys.update();
  }

  private int setSecret(long now, byte[] v) {
    Conn c = sock.conn();
    if (c == null || !establishing() || v.length < SECRET_OFFSET + SHORTEST_SECRET) {
      Arrays.fill(v, (byte) 0);
      return -EINVAL;
    }
    boolean send = OptionBytes.get8(v, 0) != 0;
    int level = OptionBytes.get8(v, 1);
    int type = (int) OptionBytes.get32(v, 4);
    int r = -EINVAL;
    if (level == Conn.APP || level == Conn.EARLY || level == Conn.HANDSHAKE) {
      byte[] secret = Arrays.copyOfRange(v, SECRET_OFFSET, SECRET_OFFSET + 48);
      r = c.keys.install(now, level, send, type, secret);
      Arrays.fill(secret, (byte) 0);
    }
    Arrays.fill(v, (byte) 0);
    if (r == 0) {
      c.life.onSecret(now, level, send);
    }
    return r == 0 && !c.closer.live() ? -EPIPE : r;
  }

  private int setConfig(long now, byte[] v) {
    int r = established() ? -EINVAL : ConfigOption.set(settings(), v);
    Conn c = sock.conn();
    if (r == 0 && c != null) {
      c.chooseController(now);
    }
    return r;
  }

  // --- transport parameters

  private int setTransportParam(byte[] v) {
    if (established()) {
      return -EINVAL;
    }
    if (OptionBytes.get8(v, 0) != 0) {
      return setRemembered(v);
    }
    Conn c = sock.conn();
    int r = TransportParamOption.set(settings().local, v, false);
    long window = r == 0 ? OptionBytes.get64(v, TransportParamOption.MAX_DATA) : 0;
    if (window != 0) {
      settings().receiveBuffer = (int) (4 * window);
    }
    if (r == 0 && c != null) {
      r = TransportParamOption.set(c.local, v, false);
      c.flow.applyLocal();
      c.dcids.limit(c.local.activeConnIdLimit);
    }
    return r;
  }

  /** Parameters of an earlier connection to the same server, for 0-RTT. */
  private int setRemembered(byte[] v) {
    Conn c = sock.conn();
    boolean before = c == null && sock.state() == QuicUapi.QUIC_SS_CLOSED;
    if (!before && (c == null || !establishing() || c.remote != null)) {
      return -EINVAL;
    }
    TransportParams p = remembered == null ? new TransportParams() : remembered;
    int r = TransportParamOption.set(p, v, true);
    if (r == 0) {
      remembered = p.forEarlyData();
      if (c != null) {
        applyRemembered(c);
      }
    }
    return r;
  }

  /** Applies what a program remembered of a server, once there is a connection. */
  void applyRemembered(Conn c) {
    if (remembered != null && !c.server) {
      c.early.remember(remembered);
    }
  }

  private int getTransportParam(byte[] v, int len) {
    boolean remote = OptionBytes.get8(v, 0) != 0;
    Conn c = sock.conn();
    TransportParams p = c == null ? settings().local : c.local;
    if (remote) {
      TransportParams theirs = c == null ? null : c.remote;
      p = theirs != null ? theirs : remembered != null ? remembered : new TransportParams();
    }
    return OptionBytes.answer(TransportParamOption.get(p, remote), v, len);
  }

  private int setExt(long now, byte[] v) {
    Conn c = sock.conn();
    if (c == null || !establishing()) {
      return -EINVAL;
    }
    return c.life.peerParameters(now, v);
  }

  private int getExt(byte[] v, int len) {
    Conn c = sock.conn();
    if (c == null || !establishing()) {
      return -EINVAL;
    }
    c.migration.offer().publish();
    int room = Math.min(Math.min(len, v.length), Limits.TRANSPORT_PARAM_BYTES);
    c.versions.onTold();
    int n = c.local.build(c.server, v, 0, room);
    return n < 0 ? -EINVAL : n;
  }

  // --- token, ALPN, ticket

  private int setToken(byte[] v) {
    if (sock.isServer()) {
      // As the kernel: the value is ignored, a fresh NEW_TOKEN goes out.
      Conn server = sock.conn();
      return server == null || !established() ? -EINVAL : server.life.sendToken() ? 0 : -EAGAIN;
    }
    if (v.length < 1 || v.length > Limits.TOKEN_BYTES) {
      return -EINVAL;
    }
    sock.peerToken(v.clone());
    Conn c = sock.conn();
    if (c != null && c.retryScid == null) {
      c.token = sock.peerToken();
    }
    return 0;
  }

  private int setAlpn(byte[] v) {
    if (sock.state() == QuicUapi.QUIC_SS_LISTENING) {
      return -EINVAL;
    }
    return AlpnOption.set(settings(), v);
  }

  private int getAlpn(byte[] v, int len) {
    return Math.min(len, v.length) < settings().alpn.length
        ? -EINVAL
        : whole(AlpnOption.get(settings()), v, len);
  }

  private int setTicket(byte[] v) {
    if (v.length < LEAST_TICKET || v.length > Limits.SESSION_TICKET_BYTES) {
      return -EINVAL;
    }
    sock.tickets().ticket(v.clone());
    return 0;
  }

  private int getSetTicketKey(byte[] v, int len) {
    return sock.state() == QuicUapi.QUIC_SS_LISTENING
        ? -EPIPE
        : whole(sock.tickets().ticket(), v, len);
  }

  private int getTicket(byte[] v, int len) {
    if (sock.state() == QuicUapi.QUIC_SS_LISTENING) {
      return -EPIPE;
    }
    byte[] t = sock.tickets().ticket();
    SockAddr peer = sock.peername();
    if (t.length == 0 && sock.isServer()) {
      if (peer == null || sock.state() == QuicUapi.QUIC_SS_CLOSED) {
        return -EPIPE;
      }
      t = sock.net().secret().ticketKey(SockAddrCodec.encode(peer.withPort(0)));
    }
    return whole(t, v, len);
  }
}
