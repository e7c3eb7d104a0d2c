package dev.quic.dataplane.core.path;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.LongRing;
import dev.quic.dataplane.core.family.SockAddr;
import org.jspecify.annotations.Nullable;

/** The active path and at most one other, which is being probed or left. */
public final class PathSet {
  private Path active;
  private @Nullable Path alternate;
  private final LongRing responses = new LongRing(Limits.PATH_RESPONSES);

  public PathSet(Path first) {
    active = first;
  }

  public Path active() {
    return active;
  }

  public @Nullable Path alternate() {
    return alternate;
  }

  public void alternate(@Nullable Path path) {
    alternate = path;
  }

  /** The path of a four-tuple, or null. */
  public @Nullable Path find(SockAddr local, SockAddr remote) {
    if (active.matches(local, remote)) {
      return active;
    }
    Path other = alternate;
    return other != null && other.matches(local, remote) ? other : null;
  }

  /** Makes the alternate path active; the old one becomes the alternate. */
  public void swap() {
    Path other = alternate;
    if (other != null) {
      alternate = active;
      active = other;
    }
  }

  /** Notes a PATH_CHALLENGE to answer; beyond {@link Limits#PATH_RESPONSES} it is forgotten. */
  public void queueResponse(long data) {
    responses.add(data);
  }

  public boolean hasResponse() {
    return !responses.isEmpty();
  }

  /** Data of the next PATH_RESPONSE; only meaningful when {@link #hasResponse}. */
  public long pollResponse() {
    return responses.poll(0);
  }
}
