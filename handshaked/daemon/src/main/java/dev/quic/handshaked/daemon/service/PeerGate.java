package dev.quic.handshaked.daemon.service;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one peer from taking every worker: so many of its requests are worked on at once, further
 * ones wait in the order of their coming, and of all peers' only so many wait. Any thread.
 *
 * @param <T> a request
 */
final class PeerGate<T> {
  /** What becomes of a request. */
  enum Verdict {
    /** It may go on; {@link #leave} when it has ended. */
    RUN,
    /** Somebody else's {@link #leave} will return it. */
    WAIT,
    REFUSE
  }

  private static final class Peer<T> {
    int running;
    final ArrayDeque<T> waiting = new ArrayDeque<>();
  }

  private final Map<PeerKey, Peer<T>> peers = new HashMap<>();
  private int perPeer;
  private int queue;
  private int waiting;

  /** See {@link #limits}. */
  PeerGate(int perPeer, int queue) {
    this.perPeer = perPeer;
    this.queue = queue;
  }

  /**
   * Sets other limits; those inside stay there.
   *
   * @param perPeer at once, 0 for any number
   * @param queue waiting, of all peers together
   */
  synchronized void limits(int perPeer, int queue) {
    this.perPeer = perPeer;
    this.queue = queue;
  }

  synchronized Verdict enter(PeerKey key, T request) {
    Peer<T> peer = peers.computeIfAbsent(key, k -> new Peer<>());
    if (perPeer == 0 || peer.running < perPeer) {
      peer.running++;
      return Verdict.RUN;
    }
    if (waiting >= queue) {
      return Verdict.REFUSE;
    }
    peer.waiting.add(request);
    waiting++;
    return Verdict.WAIT;
  }

  /**
   * A request of this peer has ended.
   *
   * @return the one that takes its place, to be worked on by the caller; null for none
   */
  synchronized @Nullable T leave(PeerKey key) {
    Peer<T> peer = peers.get(key);
    if (peer == null) {
      return null;
    }
    T next = perPeer == 0 || peer.running <= perPeer ? peer.waiting.poll() : null;
    if (next != null) {
      waiting--;
      return next;
    }
    if (--peer.running == 0 && peer.waiting.isEmpty()) {
      peers.remove(key);
    }
    return null;
  }

  /** Requests that wait for their turn. */
  synchronized int waiting() {
    return waiting;
  }
}
