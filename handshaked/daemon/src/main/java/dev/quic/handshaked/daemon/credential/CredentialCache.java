package dev.quic.handshaked.daemon.credential;

import dev.quic.handshaked.daemon.config.KeyLocation;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.cert.PemFiles;
import dev.quic.handshaked.tls.cert.TrustStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Certificates, keys and trust anchors from files. Nothing is read before a request asks for it, so
 * that a missing file fails that request and not the daemon; what was read is kept until a file
 * changes, which is looked for when it was not within the last {@value #FRESH_NANOS} ns, and
 * failures are never kept. Any thread.
 */
public final class CredentialCache {
  /** Files kept at once; more cannot be named by one configuration, so this only bounds reloads. */
  private static final int MAX_KEPT = 64;

  /** How old a look at the files may be: hundreds of handshakes a second need not each look. */
  private static final long FRESH_NANOS = 20_000_000;

  /** Stands for the system's anchors among the paths. */
  private static final Path SYSTEM = Path.of("");

  /** What tells that a file is still the one that was read. */
  private record Stamp(Path path, Map<String, Object> attributes) {}

  private static final class Kept<T> {
    final List<Stamp> stamps;
    final T value;
    volatile long looked;

    Kept(List<Stamp> stamps, T value, long looked) {
      this.stamps = stamps;
      this.value = value;
      this.looked = looked;
    }
  }

  /** Reads a value from its files. */
  private interface Loader<T> {
    T load() throws CredentialException;
  }

  private record Pair(KeyLocation chain, KeyLocation key) {}

  private final LongSupplier nanoTime;
  private final Map<Pair, Kept<Credentials>> credentials = new ConcurrentHashMap<>();
  private final Map<Path, Kept<TrustStore>> trust = new ConcurrentHashMap<>();

  public CredentialCache() {
    this(System::nanoTime);
  }

  CredentialCache(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** A chain and its key. A key in a token is asked for again when the chain's file changes. */
  public Credentials credentials(KeyLocation chain, KeyLocation key) throws CredentialException {
    List<Path> files = new ArrayList<>(key.files());
    files.addAll(chain.files());
    return get(
        credentials,
        new Pair(chain, key),
        files,
        () ->
            PemFiles.credentials(
                CertificateChains.load(chain),
                PrivateKeys.load(key),
                chain.toString(),
                key.toString()));
  }

  /** A chain without its key, read anew. */
  public List<X509Certificate> chain(KeyLocation location) throws CredentialException {
    return CertificateChains.load(location);
  }

  /** A key without its chain, read anew. */
  public PrivateKey key(KeyLocation location) throws CredentialException {
    return PrivateKeys.load(location);
  }

  /**
   * @param bundle PEM file; null for the system's anchors
   */
  public TrustStore trust(@Nullable Path bundle) throws CredentialException {
    return bundle == null
        ? get(trust, SYSTEM, List.of(SYSTEM), TrustStore::system)
        : get(trust, bundle, List.of(bundle), () -> TrustStore.ofPem(bundle));
  }

  private <K, T> T get(Map<K, Kept<T>> cache, K name, List<Path> files, Loader<T> loader)
      throws CredentialException {
    Kept<T> kept = cache.get(name);
    long time = nanoTime.getAsLong();
    if (kept != null && time - kept.looked < FRESH_NANOS) {
      return kept.value;
    }
    // Taken before reading: a file that changes meanwhile is read once more next time.
    List<Stamp> now = files.stream().map(CredentialCache::stamp).toList();
    if (kept != null && kept.stamps.equals(now)) {
      kept.looked = time;
      return kept.value;
    }
    cache.remove(name);
    T value = loader.load();
    if (cache.size() >= MAX_KEPT) {
      cache.clear();
    }
    cache.put(name, new Kept<>(now, value, time));
    return value;
  }

  private static Stamp stamp(Path path) {
    if (path.equals(SYSTEM)) {
      return new Stamp(path, Map.of());
    }
    try {
      // ctime also moves when the mode does: a key made unreadable is not served from memory.
      return new Stamp(path, Files.readAttributes(path, "unix:ctime,lastModifiedTime,size,ino"));
    } catch (IOException | UnsupportedOperationException e) {
      // Equal to no other stamp of this file but another failure, which is never kept.
      return new Stamp(path, Map.of());
    }
  }
}
