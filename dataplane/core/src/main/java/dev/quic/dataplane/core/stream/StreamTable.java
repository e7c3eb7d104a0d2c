package dev.quic.dataplane.core.stream;

import static dev.quic.uapi.Errno.EAGAIN;
import static dev.quic.uapi.Errno.EINVAL;
import static dev.quic.uapi.Errno.ENOSTR;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.LongObjectMap;
import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a connection, by id, with the limits of both sides (RFC 9000 section 4.6). Opening
 * a stream opens all lower ones of its type (section 3.2).
 */
public final class StreamTable {
  /** What opening may use: our windows and the peer's, by direction. */
  public record Windows(long bidiLocal, long bidiRemote, long uni) {
    public static final Windows NONE = new Windows(0, 0, 0);
  }

  /** With as many streams none of ours is opened, whatever the peer allows. */
  private static final int MOST = 4 * Limits.STREAMS;

  private final boolean server;
  private final ChunkPool sending;
  private final ChunkPool receiving;
  private final LongObjectMap<Stream> streams;
  private Windows ours = Windows.NONE;
  private Windows theirs = Windows.NONE;

  // By type: streams opened so far, and how many may be.
  private final long[] opened = new long[StreamId.TYPES];
  private final long[] allowed = new long[StreamId.TYPES];

  // By type: peer-opened streams that are over, and how many may be open at once.
  private final long[] closed = new long[StreamId.TYPES];
  private final long[] concurrent = new long[StreamId.TYPES];

  private long lastOpened = -1;

  /**
   * @param sending where chunks to send come from
   * @param receiving and those for what is received
   * @param seed stirs the hash, as a peer chooses ids
   */
  public StreamTable(boolean server, ChunkPool sending, ChunkPool receiving, long seed) {
    this.server = server;
    this.sending = sending;
    this.receiving = receiving;
    streams = new LongObjectMap<>(seed);
  }

  /** Takes our own limits: windows, and how many streams the peer may have open at once. */
  public void local(Windows windows, long maxBidi, long maxUni) {
    ours = windows;
    concurrent[StreamId.type(!server, false)] = Math.min(maxBidi, Limits.STREAMS);
    concurrent[StreamId.type(!server, true)] = Math.min(maxUni, Limits.STREAMS);
    for (int type = 0; type < StreamId.TYPES; type++) {
      if (isRemote(type)) {
        allowed[type] = Math.max(allowed[type], closed[type] + concurrent[type]);
      }
    }
  }

  /** Takes the peer's limits, in place of remembered ones; they hold for open streams too. */
  public void remote(Windows windows, long maxBidi, long maxUni) {
    theirs = windows;
    allowed[StreamId.type(server, false)] = Math.min(maxBidi, StreamId.MAX_COUNT);
    allowed[StreamId.type(server, true)] = Math.min(maxUni, StreamId.MAX_COUNT);
    streams.forEach(s -> s.initialMaxSend(sendWindow(s.id(), s.isLocal())));
  }

  /** Whether streams are open, or hold bytes, that the peer does not allow. */
  public boolean beyondLimits() {
    boolean[] found = new boolean[1];
    streams.forEach(s -> found[0] |= s.isLocal() && !mayOpen(s.id()) || s.beyondLimit());
    return found[0];
  }

  public void forEach(java.util.function.Consumer<Stream> visitor) {
    streams.forEach(visitor);
  }

  private boolean isRemote(int type) {
    return StreamId.byServer(type) != server;
  }

  /** MAX_STREAMS for our own streams: true when it raised the limit. */
  public boolean raise(boolean uni, long count) {
    return raise(StreamId.type(server, uni), count);
  }

  private boolean raise(int type, long count) {
    if (count <= allowed[type]) {
      return false;
    }
    allowed[type] = Math.min(count, StreamId.MAX_COUNT);
    return true;
  }

  public @Nullable Stream get(long id) {
    return streams.get(id);
  }

  public int size() {
    return streams.size();
  }

  /** Whether there are so many that opening one may have been refused for that. */
  public boolean crowded() {
    return streams.size() > MOST - Limits.STREAMS;
  }

  /** Whether this id belongs to a stream that was open once. */
  public boolean wasOpened(long id) {
    return StreamId.index(id) < opened[StreamId.type(id)];
  }

  /** Whether we are the one to open this id. */
  public boolean isOurs(long id) {
    return StreamId.byServer(id) == server;
  }

  /** The next id we would open. */
  public long nextId(boolean uni) {
    int type = StreamId.type(server, uni);
    return StreamId.of(opened[type], type);
  }

  /** Whether the peer lets us open {@code id} now. */
  public boolean mayOpen(long id) {
    return StreamId.index(id) < allowed[StreamId.type(id)];
  }

  /**
   * Opens one of our streams, and all lower ones of its type.
   *
   * @return 0, -EINVAL for an id of the peer's, -ENOSTR for one that is over, -EAGAIN beyond the
   *     peer's limit
   */
  public int open(long id) {
    if (id < 0 || !isOurs(id)) {
      return -EINVAL;
    }
    if (streams.containsKey(id)) {
      return 0;
    }
    if (wasOpened(id)) {
      return -ENOSTR;
    }
    long gap = StreamId.index(id) - opened[StreamId.type(id)];
    if (!mayOpen(id) || gap >= Limits.STREAMS || streams.size() + gap > MOST) {
      return -EAGAIN;
    }
    openUpTo(id, true);
    return 0;
  }

  private void openUpTo(long id, boolean local) {
    int type = StreamId.type(id);
    while (opened[type] <= StreamId.index(id)) {
      long next = StreamId.of(opened[type]++, type);
      streams.put(
          next,
          new Stream(
              next, local, sendWindow(next, local), window(next, local), sending, receiving));
    }
    lastOpened = id;
  }

  private long sendWindow(long id, boolean local) {
    if (StreamId.isUni(id)) {
      return theirs.uni();
    }
    // RFC 9000 section 18.2: "local" and "remote" are from the view of who sent the parameter.
    return local ? theirs.bidiRemote() : theirs.bidiLocal();
  }

  private long window(long id, boolean local) {
    if (StreamId.isUni(id)) {
      return ours.uni();
    }
    return local ? ours.bidiLocal() : ours.bidiRemote();
  }

  /**
   * Checks the stream of a received frame, opening it when the peer does so by this frame.
   *
   * @param forRecv whether the frame is about data coming to us (STREAM, RESET_STREAM,
   *     STREAM_DATA_BLOCKED) rather than about data we send (MAX_STREAM_DATA, STOP_SENDING)
   * @return 0, then {@link #get} has it unless it is over; or STREAM_STATE or STREAM_LIMIT
   */
  public int admit(long id, boolean forRecv) {
    boolean ourOwn = isOurs(id);
    if (StreamId.isUni(id) && ourOwn == forRecv) {
      // RFC 9000 sections 19.4 to 19.13: the frame does not fit the direction.
      return QuicUapi.QUIC_TRANSPORT_ERROR_STREAM_STATE;
    }
    if (wasOpened(id)) {
      return 0;
    }
    if (ourOwn) {
      return QuicUapi.QUIC_TRANSPORT_ERROR_STREAM_STATE;
    }
    if (!mayOpen(id)) {
      return QuicUapi.QUIC_TRANSPORT_ERROR_STREAM_LIMIT;
    }
    openUpTo(id, false);
    return 0;
  }

  /** The stream opened last by either side; -1 for none. */
  public long lastOpened() {
    return lastOpened;
  }

  /**
   * Forgets a stream whose both sides are over.
   *
   * @return whether it was the peer's, so that MAX_STREAMS may grow
   */
  public boolean reclaim(Stream s) {
    if (streams.remove(s.id()) == null) {
      return false;
    }
    s.free();
    if (s.isLocal()) {
      return false;
    }
    closed[StreamId.type(s.id())]++;
    return true;
  }

  /** Limit to send in MAX_STREAMS, which counts as advertised from now on. */
  public long advertise(boolean uni) {
    int type = StreamId.type(!server, uni);
    allowed[type] =
        Math.min(Math.max(allowed[type], closed[type] + concurrent[type]), StreamId.MAX_COUNT);
    return allowed[type];
  }

  /** Whether a new limit could be advertised. */
  public boolean canAdvertise(boolean uni) {
    int type = StreamId.type(!server, uni);
    return closed[type] + concurrent[type] > allowed[type];
  }

  /** Whether the peer used up most of what it may open, so that a new limit should not wait. */
  public boolean nearLimit(boolean uni) {
    int type = StreamId.type(!server, uni);
    return allowed[type] - opened[type] <= concurrent[type] / 2;
  }

  /** How many streams of ours the peer allows. */
  public long allowed(boolean uni) {
    return allowed[StreamId.type(server, uni)];
  }

  /** How many of its streams we allow, as advertised. */
  public long advertised(boolean uni) {
    return allowed[StreamId.type(!server, uni)];
  }

  /** Gives every buffer back. */
  public void clear() {
    streams.forEach(Stream::free);
    streams.clear();
  }
}
