package dev.quic.dataplane.io;

import dev.quic.dataplane.core.crypto.ListenerSecret;
import dev.quic.dataplane.core.event.EventSink;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** All shards of a process. */
public final class Shards implements AutoCloseable {
  private final List<Shard> shards;
  private final PortHomes homes = new PortHomes();
  private final ListenerSecret secret;

  private Shards(List<Shard> shards) {
    this.shards = List.copyOf(shards);
    byte[] key = new byte[ListenerSecret.LENGTH];
    new SecureRandom().nextBytes(key);
    secret = new ListenerSecret(key);
    Arrays.fill(key, (byte) 0);
    for (Shard s : this.shards) {
      s.peers(this);
    }
  }

  /**
   * Makes and starts them.
   *
   * @param count 1 to 256
   * @param configs of each shard index; their {@code count} is the same
   * @param events a sink for each shard index, told on that shard's thread
   * @param notices one line each for a human; any thread
   */
  public static Shards start(
      int count,
      IntFunction<ShardConfig> configs,
      IntFunction<EventSink> events,
      Consumer<String> notices) {
    List<Shard> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(new Shard(configs.apply(i), events.apply(i), new SystemEntropy(), notices));
    }
    Shards all = new Shards(list);
    try {
      for (Shard s : all.shards) {
        s.start();
      }
    } catch (RuntimeException e) {
      all.close();
      throw e;
    }
    return all;
  }

  /** Links shards made one by one; they are started by whoever made them. */
  static Shards of(List<Shard> list) {
    return new Shards(list);
  }

  /** What all nets derive tokens and ticket keys from. */
  ListenerSecret secret() {
    return secret;
  }

  PortHomes homes() {
    return homes;
  }

  /**
   * The shard for a socket that binds a UDP port: where the port is in use, or else one that is the
   * same each time. Any thread.
   *
   * @param port 1 to 65535
   */
  public int homeOf(int port) {
    int used = homes.home(port);
    return used >= 0 ? used : port % shards.size();
  }

  public Shard get(int index) {
    return shards.get(index);
  }

  public int count() {
    return shards.size();
  }

  public List<Shard> all() {
    return shards;
  }

  @Override
  public void close() {
    for (Shard s : shards) {
      s.close();
    }
    secret.destroy();
  }
}
