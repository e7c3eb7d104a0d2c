package dev.quic.handshaked.daemon.tags;

import dev.quic.handshaked.daemon.config.ConfigException;
import dev.quic.handshaked.daemon.config.ConfigSource;
import dev.quic.handshaked.daemon.config.DaemonConfig;
import java.util.List;

/** The session tags in force: replaced with the configuration, or not at all. Any thread. */
public final class TagSource implements ConfigSource.Follower {
  private volatile TagRules rules = TagRules.NONE;

  @Override
  public Runnable prepare(DaemonConfig next) throws ConfigException {
    TagRules read = TagRules.read(next.tags());
    return () -> rules = read;
  }

  /** The tags of a session; see {@link TagRules#of}. */
  public List<String> of(List<byte[]> peerDer) {
    return rules.of(peerDer);
  }

  /** How many tags there are now. */
  public int size() {
    return rules.size();
  }
}
