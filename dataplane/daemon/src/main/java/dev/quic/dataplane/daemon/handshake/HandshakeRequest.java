package dev.quic.dataplane.daemon.handshake;

import dev.quic.consumer.TlsDone;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One handshake request, {@code struct handshake_req}. Its state belongs to the family. */
public final class HandshakeRequest {
  /** Handler classes, which are also the indexes of the multicast groups. */
  public static final int CLASS_NONE = 0;

  public static final int CLASS_TLSHD = 1;
  public static final int CLASS_MAX = 2;

  public static final int MSG_CLIENTHELLO = 1;
  public static final int MSG_SERVERHELLO = 2;

  public static final int AUTH_UNAUTH = 1;
  public static final int AUTH_PSK = 2;
  public static final int AUTH_X509 = 3;

  /** Where a request is on its way. */
  enum State {
    NEW,
    PENDING,
    ACCEPTED,
    COMPLETED
  }

  /**
   * What the daemon is told.
   *
   * @param handlerClass {@link #CLASS_TLSHD}
   * @param messageType {@link #MSG_CLIENTHELLO} or {@link #MSG_SERVERHELLO}
   * @param authMode {@link #AUTH_X509} and its kin
   * @param timeoutMs 0 for the default, which the daemon is then not told
   * @param peerIdentities key serials of PSKs
   */
  public record Question(
      int handlerClass,
      int messageType,
      int authMode,
      int timeoutMs,
      int keyring,
      int certificate,
      int privateKey,
      List<Integer> peerIdentities,
      @Nullable String peername) {}

  private final Question question;
  private final HandshakeTarget target;
  private final TlsDone done;
  private final Runnable dropped;

  // Guarded by the family's lock.
  State state = State.NEW;
  long submitted;
  long deadline;
  long id;

  /**
   * @param done runs once when the request ends by itself
   * @param dropped runs instead when it is cancelled or its socket is destroyed
   */
  public HandshakeRequest(
      Question question, HandshakeTarget target, TlsDone done, Runnable dropped) {
    if (question.handlerClass() <= CLASS_NONE || question.handlerClass() >= CLASS_MAX) {
      throw new IllegalArgumentException("handler class " + question.handlerClass());
    }
    this.question = question;
    this.target = target;
    this.done = done;
    this.dropped = dropped;
  }

  public Question question() {
    return question;
  }

  public HandshakeTarget target() {
    return target;
  }

  TlsDone done() {
    return done;
  }

  Runnable dropped() {
    return dropped;
  }
}
