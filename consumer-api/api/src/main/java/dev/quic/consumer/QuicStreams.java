package dev.quic.consumer;

import dev.quic.uapi.QuicUapi;

/** Helpers for blocking sockets that send and receive whole pieces of a stream. */
public final class QuicStreams {
  private QuicStreams() {}

  /**
   * Sends all bytes, however many sendmsg calls it takes.
   *
   * @param streamId the stream; not -1, since only the data plane would know where the rest goes
   * @param streamFlags MSG_QUIC_STREAM_NEW for the first bytes of a stream, MSG_QUIC_STREAM_FIN for
   *     the last
   * @throws QuicException as {@link QuicSocket#sendmsg}; how much was sent before is not known
   */
  public static void sendAll(
      QuicSocket sock, long streamId, int streamFlags, byte[] buf, int off, int len)
      throws QuicException {
    int flags = streamFlags;
    int sent = 0;
    do {
      sent += sock.sendmsg(QuicMsg.stream(streamId, flags), buf, off + sent, len - sent);
      flags &= ~QuicUapi.MSG_QUIC_STREAM_NEW;
    } while (sent < len);
  }

  /**
   * Receives one stream's bytes until the buffer is full or the stream ends; notifications are
   * skipped. For sockets on which the peer uses one stream at a time.
   *
   * @param msg afterwards as the last recvmsg left it: {@link QuicMsg#isFin} tells the end
   * @return bytes received
   * @throws QuicException as {@link QuicSocket#recvmsg}
   */
  public static int recvFully(QuicSocket sock, QuicMsg msg, byte[] buf, int off, int len)
      throws QuicException {
    int flags = msg.flags;
    int got = 0;
    while (got < len) {
      msg.flags = flags;
      int n = sock.recvmsg(msg, buf, off + got, len - got);
      if (msg.cmsg != QuicUapi.QUIC_STREAM_INFO) {
        continue;
      }
      got += n;
      if (msg.isFin()) {
        break;
      }
    }
    return got;
  }
}
