package dev.quic.resumption.wire;

import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.frame.FrameWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One frame that is sent again until it is acknowledged, but for PATH_RESPONSE. */
sealed interface Piece {
  /** Small enough that some of them share a packet, whatever token its header has. */
  int MAX_DATA = 350;

  /** Bytes it takes at most. */
  int size();

  void write(Writer out);

  /** CRYPTO. */
  record Crypto(long offset, byte[] data) implements Piece {
    @Override
    public int size() {
      return FrameWriter.CRYPTO_OVERHEAD + data.length;
    }

    @Override
    public void write(Writer out) {
      FrameWriter.cryptoHeader(out, offset, data.length);
      out.bytes(data);
    }
  }

  /** STREAM. */
  record Stream(long id, long offset, byte[] data, boolean fin) implements Piece {
    @Override
    public int size() {
      return FrameWriter.streamHeaderSize(id, offset) + 2 + data.length;
    }

    @Override
    public void write(Writer out) {
      FrameWriter.streamHeader(out, id, offset, data.length, fin, true);
      out.bytes(data);
    }
  }

  /** PING, HANDSHAKE_DONE. */
  record Bare(int type) implements Piece {
    @Override
    public int size() {
      return 1;
    }

    @Override
    public void write(Writer out) {
      FrameWriter.bare(out, type);
    }
  }

  /** PATH_RESPONSE. */
  record Path(int type, long data) implements Piece {
    @Override
    public int size() {
      return 9;
    }

    @Override
    public void write(Writer out) {
      FrameWriter.path(out, type, data);
    }
  }

  /** Handshake bytes from an offset on. */
  static List<Piece> crypto(long offset, byte[] bytes) {
    List<Piece> pieces = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += MAX_DATA) {
      int end = Math.min(bytes.length, at + MAX_DATA);
      pieces.add(new Crypto(offset + at, Arrays.copyOfRange(bytes, at, end)));
    }
    return pieces;
  }

  /** A whole stream. */
  static List<Piece> stream(long id, byte[] bytes, boolean fin) {
    List<Piece> pieces = new ArrayList<>();
    int at = 0;
    do {
      int end = Math.min(bytes.length, at + MAX_DATA);
      byte[] part = Arrays.copyOfRange(bytes, at, end);
      pieces.add(new Stream(id, at, part, fin && end == bytes.length));
      at = end;
    } while (at < bytes.length);
    return pieces;
  }
}
