package dev.quic.handshaked.daemon.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The configuration in force. {@link #reload} replaces it, and what follows it, in one step or not
 * at all; a request works with the value it took at its start. Any thread.
 */
public final class ConfigSource {
  /** Something made of the configuration that changes with it. */
  @FunctionalInterface
  public interface Follower {
    /**
     * Reads what is needed, without any effect yet.
     *
     * @return puts it in force; does not fail
     * @throws ConfigException when it cannot be: nothing of the new configuration counts then
     */
    Runnable prepare(DaemonConfig next) throws ConfigException;
  }

  /**
   * Where the file is looked for without {@code -c}: our own place first, then tlshd's two, so that
   * a machine set up for tlshd needs nothing new.
   */
  public static final List<Path> DEFAULT_LOCATIONS =
      List.of(
          Path.of("/etc/handshaked/config"),
          Path.of("/etc/tlshd.conf"),
          Path.of("/etc/tlshd/config"));

  private final Path file;
  private final List<Follower> followers = new ArrayList<>();
  private volatile DaemonConfig current;

  private ConfigSource(Path file, DaemonConfig first) {
    this.file = file;
    this.current = first;
  }

  /**
   * Reads the file for the first time.
   *
   * @param given the {@code -c} option; null for the default places
   */
  public static ConfigSource open(@Nullable Path given) throws ConfigException {
    return open(given, DEFAULT_LOCATIONS);
  }

  static ConfigSource open(@Nullable Path given, List<Path> places) throws ConfigException {
    if (given != null) {
      return new ConfigSource(given, DaemonConfig.read(given));
    }
    for (Path place : places) {
      if (Files.exists(place)) {
        return new ConfigSource(place, DaemonConfig.read(place));
      }
    }
    throw new ConfigException("no configuration file: give one with -c, or make " + places.get(0));
  }

  /** The value in force; never changes under its holder. */
  public DaemonConfig current() {
    return current;
  }

  /** The file {@link #reload} reads. */
  public Path file() {
    return file;
  }

  /**
   * Puts a follower in force with the present configuration, and with each later one.
   *
   * @throws ConfigException when it cannot be; it does not follow then
   */
  public synchronized void follow(Follower follower) throws ConfigException {
    follower.prepare(current).run();
    followers.add(follower);
  }

  /**
   * Reads the file again.
   *
   * @throws ConfigException when the new text is unusable; the old configuration stays in force
   */
  public synchronized DaemonConfig reload() throws ConfigException {
    DaemonConfig next = DaemonConfig.read(file);
    List<Runnable> ready = new ArrayList<>();
    for (Follower follower : followers) {
      ready.add(follower.prepare(next));
    }
    current = next;
    ready.forEach(Runnable::run);
    return next;
  }
}
