package dev.quic.handshaked.daemon.credential;

import dev.quic.handshaked.daemon.config.KeyLocation;
import dev.quic.handshaked.tls.cert.CredentialException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Private keys and their certificate chains in PKCS#12 files (RFC 7292). */
final class Pkcs12Keys {
  private static final long MAX_FILE = 1 << 20;

  private Pkcs12Keys() {}

  /** Takes something of an open store. */
  private interface Use<T> {
    @Nullable T take(KeyStore store, String alias, char[] password) throws GeneralSecurityException;
  }

  static PrivateKey load(KeyLocation.Pkcs12 where) throws CredentialException {
    return take(
        where,
        "private key",
        (store, alias, password) ->
            store.getKey(alias, password) instanceof PrivateKey key ? key : null);
  }

  /** The chain beside the private key, leaf first. */
  static List<X509Certificate> chain(KeyLocation.Pkcs12 where) throws CredentialException {
    return take(where, "certificate", (store, alias, password) -> chain(store, alias));
  }

  private static @Nullable List<X509Certificate> chain(KeyStore store, String alias)
      throws GeneralSecurityException {
    List<X509Certificate> chain = new ArrayList<>();
    Certificate[] stored = store.getCertificateChain(alias);
    for (Certificate certificate : stored == null ? new Certificate[0] : stored) {
      if (certificate instanceof X509Certificate x509) {
        chain.add(x509);
      }
    }
    return chain.isEmpty() ? null : List.copyOf(chain);
  }

  /**
   * @param what is wanted, for errors
   */
  private static <T> T take(KeyLocation.Pkcs12 where, String what, Use<T> use)
      throws CredentialException {
    char[] password =
        where.passwordFile() == null
            ? new char[0]
            : TokenKeys.password(where.passwordFile(), "password");
    try (InputStream in = Files.newInputStream(where.path())) {
      if (Files.size(where.path()) > MAX_FILE) {
        throw new CredentialException(what + " " + where + " is larger than 1 MiB");
      }
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, password);
      List<String> keys = new ArrayList<>();
      for (String alias : Collections.list(store.aliases())) {
        boolean wanted = where.alias() == null || alias.equalsIgnoreCase(where.alias());
        if (wanted && store.isKeyEntry(alias)) {
          keys.add(alias);
        }
      }
      T taken = keys.size() == 1 ? use.take(store, keys.getFirst(), password) : null;
      if (taken != null) {
        return taken;
      }
      throw new CredentialException(
          (keys.size() > 1
                  ? "several private keys"
                  : keys.isEmpty() ? "no private key" : "no " + what + " beside the key")
              + " in "
              + where);
    } catch (CredentialException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw new CredentialException(what + " " + where + " does not exist");
    } catch (IOException | GeneralSecurityException e) {
      boolean wrong = e.getCause() instanceof UnrecoverableKeyException;
      throw new CredentialException(
          wrong
              ? "the password of " + where + " is wrong"
              : "cannot read " + what + " " + where + ": " + e.getMessage());
    } finally {
      Arrays.fill(password, '\0');
    }
  }
}
