package dev.quic.samples.consumer;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicStreams;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Files over the streams of one established socket; one thread. */
public final class FileExchange {
  private static final int PIECE = 64 * 1024;

  private final QuicSocket sock;
  private final boolean server;
  private final byte[] piece = new byte[PIECE];

  /** What came in on a stream. */
  public record Received(String sha256, long bytes) {}

  /**
   * @param server which side of the connection {@code sock} is
   */
  public FileExchange(QuicSocket sock, boolean server) {
    this.sock = sock;
    this.server = server;
  }

  /**
   * Sends a file on a stream, which is opened if this is the first use of its id, and ends it.
   *
   * @return bytes sent
   */
  public long send(long streamId, Path file) throws IOException {
    long sent = 0;
    boolean mine = isMine(streamId);
    try (InputStream in = Files.newInputStream(file)) {
      int n;
      while ((n = in.readNBytes(piece, 0, PIECE)) > 0) {
        sendAll(streamId, mine && sent == 0 ? QuicUapi.MSG_QUIC_STREAM_NEW : 0, n);
        sent += n;
      }
    }
    sendAll(
        streamId,
        QuicUapi.MSG_QUIC_STREAM_FIN | (mine && sent == 0 ? QuicUapi.MSG_QUIC_STREAM_NEW : 0),
        0);
    return sent;
  }

  /** Opens a stream of its own for a short text and ends it. */
  public void sendText(long streamId, String text) throws IOException {
    byte[] bytes = DemoConsumer.utf8(text);
    System.arraycopy(bytes, 0, piece, 0, bytes.length);
    sendAll(streamId, QuicUapi.MSG_QUIC_STREAM_NEW | QuicUapi.MSG_QUIC_STREAM_FIN, bytes.length);
  }

  /** Receives a stream to its end; any other stream before that is an error. */
  public Received receive(long streamId, Path file) throws IOException {
    MessageDigest sha = sha256();
    long got = 0;
    try (OutputStream out = Files.newOutputStream(file)) {
      boolean end = false;
      while (!end) {
        QuicMsg msg = QuicMsg.plain();
        int n = sock.recvmsg(msg, piece, 0, PIECE);
        if (msg.isNotification()) {
          continue;
        }
        if (msg.streamId != streamId) {
          throw new IOException("stream " + msg.streamId + " where " + streamId + " was due");
        }
        sha.update(piece, 0, n);
        out.write(piece, 0, n);
        got += n;
        end = msg.isFin();
      }
    }
    return new Received(HexFormat.of().formatHex(sha.digest()), got);
  }

  /** Receives a short text, at most 64 KiB, from the next stream that the peer opened. */
  public String receiveText() throws IOException {
    int got = 0;
    while (got < PIECE) {
      QuicMsg msg = QuicMsg.plain();
      int n = sock.recvmsg(msg, piece, got, PIECE - got);
      if (msg.isNotification()) {
        continue;
      }
      got += n;
      if (msg.isFin()) {
        return new String(piece, 0, got, StandardCharsets.UTF_8);
      }
    }
    throw new IOException("a text of more than " + PIECE + " bytes");
  }

  /** Waits until the peer closed the connection. */
  public void awaitEnd() throws IOException {
    try {
      while (true) {
        sock.recvmsg(QuicMsg.plain(), piece, 0, PIECE);
      }
    } catch (QuicException e) {
      if (e.errno() != Errno.ENOTCONN) {
        throw e;
      }
    }
  }

  private boolean isMine(long streamId) {
    return ((streamId & QuicUapi.QUIC_STREAM_TYPE_SERVER_MASK) != 0) == server;
  }

  private void sendAll(long streamId, int streamFlags, int len) throws IOException {
    QuicStreams.sendAll(sock, streamId, streamFlags, piece, 0, len);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
