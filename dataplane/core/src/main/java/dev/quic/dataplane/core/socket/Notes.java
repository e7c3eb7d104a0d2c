package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Mib;
import dev.quic.dataplane.core.connid.DestConnIds;
import dev.quic.dataplane.core.inqueue.EventQueue;
import dev.quic.uapi.QuicUapi;

/** Builds the events of a socket in the kernel's layout and queues those switched on. */
final class Notes {
  private static final int CLOSE_BYTES = 4 + 1 + 3 + Limits.CLOSE_PHRASE_BYTES + 1;

  private final SockState sock;
  private final EventQueue queue = new EventQueue();

  // The peer's CONNECTION_CLOSE, for the option of that name.
  private byte[] peerClose = new byte[0];

  Notes(SockState sock) {
    this.sock = sock;
  }

  EventQueue queue() {
    return queue;
  }

  /** The connection_close struct of the peer; empty while it has not closed. */
  byte[] peerClose() {
    return peerClose;
  }

  private void add(byte[] event) {
    if (queue.add(event)) {
      sock.readable();
    } else if (queue.enabled(event[0])) {
      sock.net().count(Mib.FRM_RCV_BUF_DROP, 1);
    }
  }

  private boolean off(int type) {
    return !queue.enabled(type);
  }

  void streamUpdate(long id, int state, long errorCode, long finalSize) {
    if (off(QuicUapi.QUIC_EVENT_STREAM_UPDATE)) {
      return;
    }
    byte[] e = new byte[1 + 24];
    e[0] = QuicUapi.QUIC_EVENT_STREAM_UPDATE;
    OptionBytes.put64(e, 1, id);
    e[9] = (byte) state;
    OptionBytes.put32(e, 13, errorCode);
    OptionBytes.put64(e, 17, finalSize);
    add(e);
  }

  void maxData(long id, long limit) {
    if (off(QuicUapi.QUIC_EVENT_STREAM_MAX_DATA)) {
      return;
    }
    byte[] e = new byte[1 + 16];
    e[0] = QuicUapi.QUIC_EVENT_STREAM_MAX_DATA;
    OptionBytes.put64(e, 1, id);
    OptionBytes.put64(e, 9, limit);
    add(e);
  }

  /**
   * @param id the raised stream count, as a stream id of the type
   */
  void maxStreams(long id) {
    if (off(QuicUapi.QUIC_EVENT_STREAM_MAX_STREAM)) {
      return;
    }
    byte[] e = new byte[1 + 8];
    e[0] = QuicUapi.QUIC_EVENT_STREAM_MAX_STREAM;
    OptionBytes.put64(e, 1, id);
    add(e);
  }

  void connectionId(boolean dest) {
    Conn c = sock.conn();
    if (c == null || off(QuicUapi.QUIC_EVENT_CONNECTION_ID)) {
      return;
    }
    byte[] e = new byte[1 + 12];
    e[0] = QuicUapi.QUIC_EVENT_CONNECTION_ID;
    e[1] = (byte) (dest ? 1 : 0);
    DestConnIds d = c.dcids;
    OptionBytes.put32(e, 5, dest ? d.activeSeq() : c.scids.activeSeq());
    OptionBytes.put32(e, 9, dest ? d.first() : c.scids.first());
    add(e);
  }

  static byte[] closeStruct(long errorCode, int frame, byte[] phrase) {
    byte[] s = new byte[CLOSE_BYTES];
    OptionBytes.put32(s, 0, errorCode);
    s[4] = (byte) frame;
    System.arraycopy(phrase, 0, s, 8, Math.min(phrase.length, Limits.CLOSE_PHRASE_BYTES));
    return s;
  }

  void connectionClose(long errorCode, int frame, byte[] phrase) {
    byte[] e = new byte[1 + CLOSE_BYTES];
    e[0] = QuicUapi.QUIC_EVENT_CONNECTION_CLOSE;
    System.arraycopy(closeStruct(errorCode, frame, phrase), 0, e, 1, CLOSE_BYTES);
    add(e);
  }

  void peerClose(long errorCode, int frame, byte[] phrase) {
    peerClose = closeStruct(errorCode, frame, phrase);
    connectionClose(errorCode, frame, phrase);
  }

  void migrated(boolean local) {
    add(new byte[] {QuicUapi.QUIC_EVENT_CONNECTION_MIGRATION, (byte) (local ? 1 : 0)});
  }

  void keyUpdate(boolean phase) {
    add(new byte[] {QuicUapi.QUIC_EVENT_KEY_UPDATE, (byte) (phase ? 1 : 0)});
  }

  void newToken(byte[] token) {
    add(withType(QuicUapi.QUIC_EVENT_NEW_TOKEN, token));
  }

  void newSessionTicket(byte[] message) {
    add(withType(QuicUapi.QUIC_EVENT_NEW_SESSION_TICKET, message));
  }

  private static byte[] withType(int type, byte[] body) {
    byte[] e = new byte[1 + body.length];
    e[0] = (byte) type;
    System.arraycopy(body, 0, e, 1, body.length);
    return e;
  }
}
