package dev.quic.samples;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.session.QuicSession;
import dev.quic.consumer.session.SessionFile;
import dev.quic.consumer.split.QuicClientTls;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicHandshakeResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A client's resumption: one session in a file, from one connection to the next. */
public final class SessionOptions {
  /** A server that gives tickets has sent one by the time its last answer came. */
  private static final Duration LATEST = Duration.ofSeconds(1);

  @Option(
      names = "--session",
      paramLabel = "FILE",
      description = "Resume the session in FILE, if there is one, and leave the next one there.")
  private @Nullable Path file;

  @Option(
      names = "--zero-rtt",
      description =
          "With --session: send requests as early data (0-RTT). Who records them can replay them.")
  private boolean zeroRtt;

  /** Says a contradiction before anything is connected. */
  public void check() {
    if (zeroRtt && file == null) {
      throw new IllegalArgumentException("--zero-rtt needs --session FILE");
    }
  }

  /** Whether there is anything to say about sessions. */
  public boolean used() {
    return file != null;
  }

  /** Takes the session out of its file; the caller wipes it. */
  public @Nullable QuicSession take() throws IOException {
    return file == null ? null : SessionFile.take(file);
  }

  /**
   * Completes a configuration, and prepares the connected socket for early data.
   *
   * @return whether data may be written before the handshake
   */
  public boolean prepare(QuicSocket sock, QuicClientTls tls) throws IOException {
    return zeroRtt && QuicHandshake.prepareEarlyData(sock, tls);
  }

  public QuicClientTls with(@Nullable QuicSession session, QuicClientTls tls) {
    return tls.withSession(session).withEarlyData(zeroRtt);
  }

  /** Leaves the connection's own session in the file, before the socket is closed. */
  public void keep(QuicSocket sock, QuicHandshakeResult result) throws IOException {
    if (file == null) {
      return;
    }
    QuicSession next = result.awaitSession(sock, LATEST);
    if (next != null) {
      SessionFile.write(file, next);
      next.destroy();
    }
  }
}
