package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.cong.RttEstimator;
import dev.quic.dataplane.core.path.Path;
import org.jspecify.annotations.Nullable;

/**
 * Path validation (RFC 9000 section 8.2) on any number of the connection's paths at a time:
 * challenges, their repetition, responses. What success and failure mean is {@link Migration}'s.
 */
final class PathProber {
  /** RFC 9000 section 8.2.4: three probe timeouts of a path whose round trip is not known. */
  private static final long LEAST_SPAN = 3 * 3 * RttEstimator.INITIAL_RTT;

  private final Conn c;

  PathProber(Conn c) {
    this.c = c;
  }

  /** Begins a validation, unless one is under way. */
  void challenge(long now, Path path) {
    if (path.challenging()) {
      return;
    }
    path.abandonAt(now + Math.max(3 * c.pto.period(), LEAST_SPAN));
    again(now, path);
  }

  private void again(long now, Path path) {
    // One that the amplification limit held back still waits.
    if (!path.challengeDue() && !path.startChallenge(c.net.publicRandom())) {
      path.deadline(path.abandonAt());
      return;
    }
    long wait = c.pto.period() << path.challengesSent() - 1;
    path.deadline(Math.min(path.abandonAt(), now + wait));
    c.net.touch(c.sock);
  }

  /** The path a response validates, whichever it came by; null for none. */
  @Nullable Path onResponse(long now, long data) {
    for (int i = 0; i < c.paths.size(); i++) {
      Path path = c.paths.get(i);
      if (path.onResponse(now, data)) {
        return path;
      }
    }
    return null;
  }

  /** Runs what is due on any path. */
  void onTimer(long now) {
    // Downwards, since a path that ends is replaced by the last.
    for (int i = c.paths.size() - 1; i >= 0; i--) {
      Path path = c.paths.get(i);
      if (path.deadline() > now) {
        continue;
      }
      path.deadline(Path.NEVER);
      if (!path.challenging()) {
        c.migration.onExpired(path);
      } else if (now >= path.abandonAt() || c.migration.hopeless(path)) {
        path.abandonChallenge();
        c.migration.onFailed(now, path);
      } else {
        again(now, path);
      }
    }
  }

  /** Sends what is due in datagrams of its own, before anything else goes by those paths. */
  void flush(long now) {
    for (int i = 0; i < c.paths.size(); i++) {
      Path path = c.paths.get(i);
      if (path.challengeDue() || path.hasResponse()) {
        c.sender.probe(now, path);
      }
    }
  }
}
