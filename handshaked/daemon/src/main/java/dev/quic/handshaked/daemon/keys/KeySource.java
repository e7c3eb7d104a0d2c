package dev.quic.handshaked.daemon.keys;

import dev.quic.handshaked.tls.cert.CredentialException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where keys with serial numbers are. Any thread. */
public interface KeySource {
  /** Types a pre-shared key may have, in the order in which they are looked for: tlshd's. */
  List<String> PSK_TYPES = List.of("psk", "user");

  /** Type of a key that is a certificate. */
  String CERTIFICATE_TYPE = "asymmetric";

  /** How long a peer's certificate is kept after it was last seen to be new, seconds: a day. */
  long PEER_SECONDS = 86_400;

  /**
   * Begins the work of one request. Costs nothing until a key is asked for.
   *
   * @param keyring serial of the request's keyring, 0 for none
   * @param configured names or serials of the keyrings that are searched for every request
   */
  Access open(int keyring, List<String> configured);

  /**
   * The keys of one request; confined to the thread that opened it. Failures carry the errno for
   * the consumer: ENOKEY (there is none), EKEYREVOKED, EKEYEXPIRED, EACCES (not for us).
   */
  interface Access extends AutoCloseable {
    /**
     * @return a copy, the caller's to wipe
     */
    KeyData read(int serial) throws CredentialException;

    /**
     * Looks for a pre-shared key in the request's keyring if it has one, else in the configured
     * ones, and the keyrings within.
     *
     * @return a copy, the caller's to wipe; null when there is none
     * @throws CredentialException when there is one that must not be used, or nothing can be read
     */
    @Nullable KeyData searchPsk(String identity) throws CredentialException;

    /**
     * Keeps a peer's certificate as a key, whose serial then stands for the peer, as tlshd does.
     * One that is there already is that key.
     *
     * @param description names the peer and this very certificate
     * @param certificate DER
     * @return its serial; 0 where there is no place for keys
     */
    int keepPeer(String description, byte[] certificate) throws CredentialException;

    @Override
    void close();
  }
}
