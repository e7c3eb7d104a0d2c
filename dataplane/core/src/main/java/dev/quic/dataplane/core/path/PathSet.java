package dev.quic.dataplane.core.path;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.family.SockAddr;
import org.jspecify.annotations.Nullable;

/**
 * The active path and a few others: being probed, left, or kept to go back to (RFC 9000 section 9).
 */
public final class PathSet {
  private final Path[] paths = new Path[Limits.PATHS];
  private int count = 1;
  private Path active;

  // The last active path that was validated, where an unvalidated active one is given up to.
  private @Nullable Path fallback;

  public PathSet(Path first) {
    active = first;
    paths[0] = first;
  }

  public Path active() {
    return active;
  }

  /** Where to go back to when the active path fails; null for nowhere. */
  public @Nullable Path fallback() {
    return fallback;
  }

  public int size() {
    return count;
  }

  /** Path {@code i}, 0 to {@link #size} - 1, in no particular order. */
  public Path get(int i) {
    return paths[i];
  }

  public boolean contains(Path path) {
    for (int i = 0; i < count; i++) {
      if (paths[i] == path) {
        return true;
      }
    }
    return false;
  }

  /** The path of a four-tuple, or null. */
  public @Nullable Path find(SockAddr local, SockAddr remote) {
    if (active.matches(local, remote)) {
      return active;
    }
    for (int i = 0; i < count; i++) {
      if (paths[i].matches(local, remote)) {
        return paths[i];
      }
    }
    return null;
  }

  /** Takes a path in; false when {@link Limits#PATHS} are there. */
  public boolean add(Path path) {
    if (count == paths.length) {
      return false;
    }
    paths[count++] = path;
    return true;
  }

  /** Drops a path that is not active. */
  public void remove(Path path) {
    for (int i = 0; path != active && i < count; i++) {
      if (paths[i] == path) {
        paths[i] = paths[--count];
        fallback = fallback == path ? null : fallback;
        return;
      }
    }
  }

  /**
   * Makes a path of the set active. The one left stays in the set, as the fallback if it was
   * validated.
   */
  public void activate(Path path) {
    if (path == active) {
      return;
    }
    if (active.validated()) {
      fallback = active;
    }
    active = path;
    if (fallback == path) {
      fallback = null;
    }
  }

  /** The active path is good by itself: nothing to go back to. */
  public void settle() {
    fallback = null;
  }

  /**
   * The path whose place a new one may take: unvalidated, neither active nor the fallback nor
   * holding a port; null for none.
   */
  public @Nullable Path dispensable() {
    for (int i = 0; i < count; i++) {
      Path p = paths[i];
      if (p != active && p != fallback && !p.validated() && !p.ownsPort()) {
        return p;
      }
    }
    return null;
  }

  /** The earliest deadline of all; {@link Path#NEVER} for none. */
  public long deadline() {
    long at = Path.NEVER;
    for (int i = 0; i < count; i++) {
      at = Math.min(at, paths[i].deadline());
    }
    return at;
  }
}
