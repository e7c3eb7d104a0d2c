package dev.quic.consumer;

import java.util.List;

/**
 * How a handshake ended.
 *
 * @param status 0, or a negated errno
 * @param peerid key serial of the authenticated peer, TLS_NO_PEERID for none
 * @param tags names of the session tags that the peer's certificate earned; empty on failure
 * @param channelBinding tls-exporter (RFC 9266), 32 bytes; empty on failure, and from a daemon that
 *     does not tell it. Confidential to the two ends, but no key
 */
public record TlsResult(int status, int peerid, List<String> tags, byte[] channelBinding) {
  public TlsResult {
    tags = List.copyOf(tags);
  }

  /** One without tags and channel binding. */
  public static TlsResult of(int status, int peerid) {
    return new TlsResult(status, peerid, List.of(), new byte[0]);
  }

  public boolean ok() {
    return status == 0;
  }

  @Override
  public String toString() {
    return "TlsResult[" + status + ", " + peerid + ", " + tags + "]";
  }
}
