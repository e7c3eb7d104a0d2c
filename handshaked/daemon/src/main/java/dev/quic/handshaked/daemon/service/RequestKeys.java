package dev.quic.handshaked.daemon.service;

import dev.quic.handshaked.daemon.keys.KeyData;
import dev.quic.handshaked.daemon.keys.KeySource;
import dev.quic.handshaked.tls.ExternalPsk;
import dev.quic.handshaked.tls.PskLookup;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.cert.PemFiles;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one request, read when the handshake needs them and wiped with it. Confined to the
 * request's worker.
 */
final class RequestKeys implements AutoCloseable {
  /** Identities of one client that are looked for: each may cost a walk through a keyring. */
  static final int MAX_LOOKUPS = 16;

  private final HandshakeRequest request;
  private final KeySource source;
  private final List<String> keyrings;
  private final boolean keepsPeers;
  private final Map<String, Integer> serials = new HashMap<>();
  private final List<ExternalPsk> psks = new ArrayList<>();
  private KeySource.@Nullable Access access;
  private @Nullable CredentialException fault;
  private int lookups;

  /** Reads from the configuration what the request does not name. */
  interface Configured<T> {
    @Nullable T load() throws CredentialException;
  }

  /**
   * @param keyrings configured ones
   * @param keepsPeers whether keys are made of servers' certificates
   */
  RequestKeys(
      HandshakeRequest request, KeySource source, List<String> keyrings, boolean keepsPeers) {
    this.request = request;
    this.source = source;
    this.keyrings = keyrings;
    this.keepsPeers = keepsPeers;
  }

  private KeySource.Access access() {
    KeySource.Access open = access;
    if (open == null) {
      open = source.open(request.keyring(), keyrings);
      access = open;
    }
    return open;
  }

  /** Whether the request names a certificate or its key by serial. */
  boolean namesCertificate() {
    return request.certificate() != 0 || request.privateKey() != 0;
  }

  /** The certificate and key the request names, what it does not name from the configuration. */
  Credentials credentials(
      Configured<List<X509Certificate>> configuredChain, Configured<PrivateKey> configuredKey)
      throws CredentialException {
    String chainName = "with serial " + request.certificate();
    String keyName = "with serial " + request.privateKey();
    List<X509Certificate> chain;
    if (request.certificate() == 0) {
      chainName = "of the configuration";
      chain = configuredChain.load();
    } else {
      KeyData data = access().read(request.certificate());
      chain = PemFiles.certificates(data.payload(), chainName);
    }
    PrivateKey key;
    if (request.privateKey() == 0) {
      keyName = "of the configuration";
      key = configuredKey.load();
    } else {
      KeyData data = access().read(request.privateKey());
      try {
        key = PemFiles.privateKey(data.payload(), keyName);
      } finally {
        data.destroy();
      }
    }
    if (chain == null || key == null) {
      throw new CredentialException(
          "the request names a "
              + (chain == null
                  ? "private key but no certificate"
                  : "certificate but no private key")
              + ", and none is configured");
    }
    return PemFiles.credentials(chain, key, chainName, keyName);
  }

  /** What a client offers: the keys the request names, in its order. */
  List<ExternalPsk> offered() throws CredentialException {
    for (int serial : request.peerIds()) {
      psk(access().read(serial));
    }
    return List.copyOf(psks);
  }

  private ExternalPsk psk(KeyData data) throws CredentialException {
    if (data.description().isEmpty() || data.payload().length == 0) {
      data.destroy();
      throw new CredentialException(data + " is no pre-shared key: identity or key is empty");
    }
    if (data.payload().length > ExternalPsk.MAX_KEY) {
      data.destroy();
      throw new CredentialException(
          data + " is no pre-shared key: longer than " + ExternalPsk.MAX_KEY + " bytes");
    }
    // As tlshd: the description is the identity, the payload the key.
    ExternalPsk psk = ExternalPsk.of(data.description(), data.payload());
    psks.add(psk);
    serials.put(data.description(), data.serial());
    return psk;
  }

  /**
   * What a server takes: the keys the request names, those of its keyring, or, when it names
   * neither, those of the configured keyrings.
   */
  PskLookup lookup() throws CredentialException {
    if (!request.peerIds().isEmpty()) {
      offered();
    }
    return this::find;
  }

  private @Nullable ExternalPsk find(byte[] identity) {
    String name = new String(identity, StandardCharsets.UTF_8);
    for (ExternalPsk psk : psks) {
      if (Arrays.equals(psk.identity(), identity)) {
        return psk.copy();
      }
    }
    if (!request.peerIds().isEmpty() && request.keyring() == 0) {
      return null;
    }
    if (++lookups > MAX_LOOKUPS) {
      return null;
    }
    try {
      KeyData found = access().searchPsk(name);
      return found == null ? null : psk(found).copy();
    } catch (CredentialException e) {
      fault = e;
      return null;
    }
  }

  /** Why a pre-shared key that a client named was not used; null when there is nothing to say. */
  @Nullable CredentialException fault() {
    return fault;
  }

  /** Serial of the key with an identity; empty when it is none of ours. */
  List<Integer> used(byte @Nullable [] identity) {
    Integer serial =
        identity == null ? null : serials.get(new String(identity, StandardCharsets.UTF_8));
    return serial == null ? List.of() : List.of(serial);
  }

  /** Serial of a key made of a server's certificate; empty when none is or can be made. */
  List<Integer> keepPeer(String peer, byte[] certificate) throws CredentialException {
    if (!keepsPeers) {
      return List.of();
    }
    // The digest tells a renewed certificate from the one before it, whose serial somebody may
    // have.
    String description = "tls:" + peer + " " + digest(certificate);
    int serial = access().keepPeer(description, certificate);
    return serial == 0 ? List.of() : List.of(serial);
  }

  /** The first half of SHA-256, hexadecimal. */
  private static String digest(byte[] certificate) {
    try {
      byte[] all = MessageDigest.getInstance("SHA-256").digest(certificate);
      return HexFormat.of().formatHex(all, 0, all.length / 2);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("there is no SHA-256", e);
    }
  }

  @Override
  public void close() {
    psks.forEach(ExternalPsk::destroy);
    if (access != null) {
      access.close();
    }
  }
}
