package dev.quic.handshaked.tls.bc;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import org.bouncycastle.tls.HandshakeType;
import org.jspecify.annotations.Nullable;

/** The hash over a handshake's messages (RFC 8446 section 4.4.1). Confined to one thread. */
final class Transcript {
  private @Nullable ByteArrayOutputStream unhashed = new ByteArrayOutputStream(512);
  private @Nullable MessageDigest digest;

  /** A whole message, in the order of the wire. */
  void add(byte[] message) {
    ByteArrayOutputStream waiting = unhashed;
    MessageDigest running = digest;
    if (running != null) {
      running.update(message);
    } else if (waiting != null) {
      waiting.writeBytes(message);
    }
  }

  /**
   * The hash is known now.
   *
   * @param retry what was added is a first ClientHello that a HelloRetryRequest answers: its hash
   *     takes its place
   */
  void begin(int hash, boolean retry) {
    ByteArrayOutputStream waiting = unhashed;
    if (waiting == null) {
      return;
    }
    unhashed = null;
    MessageDigest running = KeySchedule.digest(hash);
    digest = running;
    byte[] first = waiting.toByteArray();
    if (!retry) {
      running.update(first);
      return;
    }
    byte[] hello = KeySchedule.digest(hash).digest(first);
    running.update(new byte[] {(byte) HandshakeType.message_hash, 0, 0, (byte) hello.length});
    running.update(hello);
  }

  /** The hash over all messages so far. */
  byte[] hash() {
    MessageDigest running = digest;
    if (running == null) {
      throw new IllegalStateException("the hash is not known yet");
    }
    try {
      return ((MessageDigest) running.clone()).digest();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("SHA-2 cannot be cloned", e);
    }
  }
}
