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
import org.jspecify.annotations.Nullable;

/**
 * Certificates, keys and trust anchors from files. Nothing is read before a request asks for it, so
 * that a missing file fails that request and not the daemon; what was read is kept until a file
 * changes, and failures are never kept. Any thread.
 */
public final class CredentialCache {
  /** Files kept at once; more cannot be named by one configuration, so this only bounds reloads. */
  private static final int MAX_KEPT = 64;

  /** Stands for the system's anchors among the paths. */
  private static final Path SYSTEM = Path.of("");

  /** What tells that a file is still the one that was read. */
  private record Stamp(Path path, Map<String, Object> attributes) {}

  private record Kept<T>(List<Stamp> stamps, T value) {}

  /** Reads a value from its files. */
  private interface Loader<T> {
    T load() throws CredentialException;
  }

  private record Pair(KeyLocation chain, KeyLocation key) {}

  private final Map<Pair, Kept<Credentials>> credentials = new ConcurrentHashMap<>();
  private final Map<Path, Kept<TrustStore>> trust = new ConcurrentHashMap<>();

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

  private static <K, T> T get(Map<K, Kept<T>> cache, K name, List<Path> files, Loader<T> loader)
      throws CredentialException {
    // Taken before reading: a file that changes meanwhile is read once more next time.
    List<Stamp> now = files.stream().map(CredentialCache::stamp).toList();
    Kept<T> kept = cache.get(name);
    if (kept != null && kept.stamps.equals(now)) {
      return kept.value;
    }
    cache.remove(name);
    T value = loader.load();
    if (cache.size() >= MAX_KEPT) {
      cache.clear();
    }
    cache.put(name, new Kept<>(now, value));
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
