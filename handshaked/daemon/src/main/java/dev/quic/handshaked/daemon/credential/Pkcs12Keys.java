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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Private keys in PKCS#12 files (RFC 7292). */
final class Pkcs12Keys {
  private static final long MAX_FILE = 1 << 20;

  private Pkcs12Keys() {}

  static PrivateKey load(KeyLocation.Pkcs12 where) throws CredentialException {
    char[] password =
        where.passwordFile() == null
            ? new char[0]
            : TokenKeys.password(where.passwordFile(), "password");
    try (InputStream in = Files.newInputStream(where.path())) {
      if (Files.size(where.path()) > MAX_FILE) {
        throw new CredentialException("private key " + where + " is larger than 1 MiB");
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
      if (keys.size() == 1 && store.getKey(keys.getFirst(), password) instanceof PrivateKey key) {
        return key;
      }
      throw new CredentialException(
          (keys.isEmpty() ? "no private key" : "several private keys") + " in " + where);
    } catch (CredentialException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw new CredentialException("private key " + where + " does not exist");
    } catch (IOException | GeneralSecurityException e) {
      boolean wrong = e.getCause() instanceof UnrecoverableKeyException;
      throw new CredentialException(
          wrong
              ? "the password of " + where + " is wrong"
              : "cannot read private key " + where + ": " + e.getMessage());
    } finally {
      Arrays.fill(password, '\0');
    }
  }
}
