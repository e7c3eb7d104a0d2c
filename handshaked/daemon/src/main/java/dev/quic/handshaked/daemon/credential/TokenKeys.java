package dev.quic.handshaked.daemon.credential;

import dev.quic.handshaked.daemon.keys.linux.TokenSlots;
import dev.quic.handshaked.tls.cert.CredentialException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidParameterException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Private keys in PKCS#11 tokens, through the JDK's SunPKCS11. A token's provider stays installed
 * for the life of the process, since it does the signing. Any thread.
 */
final class TokenKeys {
  /** Tokens one process uses. */
  private static final int MAX_TOKENS = 16;

  /** Bytes of a PIN's file. */
  private static final int MAX_PIN = 256;

  private static final Map<String, Provider> PROVIDERS = new HashMap<>();

  private TokenKeys() {}

  /**
   * @param text {@code pkcs11:...}
   * @param shown the same without its secret part
   */
  static PrivateKey load(String text, String shown) throws CredentialException {
    Pkcs11Uri uri = Pkcs11Uri.parse(text);
    Provider provider = provider(uri, shown);
    char[] pin = pin(uri);
    try {
      KeyStore store = KeyStore.getInstance("PKCS11", provider);
      store.load(null, pin);
      String alias = alias(store, uri, shown);
      if (store.getKey(alias, null) instanceof PrivateKey key) {
        return key;
      }
      throw new CredentialException(shown + ": object '" + alias + "' is no private key");
    } catch (CredentialException e) {
      throw e;
    } catch (IOException | GeneralSecurityException | ProviderException e) {
      throw new CredentialException(shown + ": the token does not open: " + deepest(e));
    } finally {
      if (pin != null) {
        Arrays.fill(pin, '\0');
      }
    }
  }

  private static String alias(KeyStore store, Pkcs11Uri uri, String shown)
      throws GeneralSecurityException, CredentialException {
    List<String> found = new ArrayList<>();
    for (String alias : Collections.list(store.aliases())) {
      boolean wanted = uri.object() == null || alias.equals(uri.object());
      if (wanted && store.isKeyEntry(alias)) {
        found.add(alias);
      }
    }
    if (found.size() == 1) {
      return found.getFirst();
    }
    throw new CredentialException(
        shown
            + (found.isEmpty()
                ? ": no private key that has its certificate beside it in the token"
                : ": several private keys: say which with object="));
  }

  private static char @Nullable [] pin(Pkcs11Uri uri) throws CredentialException {
    String pin = uri.pin();
    if (pin != null) {
      return pin.toCharArray();
    }
    String file = uri.pinFile();
    return file == null ? null : password(Path.of(file), "PIN");
  }

  /** The first line of a file. */
  static char[] password(Path file, String what) throws CredentialException {
    byte[] bytes = null;
    try {
      if (Files.size(file) > MAX_PIN) {
        throw new CredentialException(what + " file " + file + " is too long");
      }
      bytes = Files.readAllBytes(file);
      int end = 0;
      while (end < bytes.length && bytes[end] != '\n' && bytes[end] != '\r') {
        end++;
      }
      var decoded = StandardCharsets.UTF_8.decode(java.nio.ByteBuffer.wrap(bytes, 0, end));
      char[] out = new char[decoded.remaining()];
      decoded.get(out);
      Arrays.fill(decoded.array(), '\0');
      return out;
    } catch (CredentialException e) {
      throw e;
    } catch (IOException e) {
      throw new CredentialException("cannot read " + what + " file " + file);
    } finally {
      if (bytes != null) {
        Arrays.fill(bytes, (byte) 0);
      }
    }
  }

  private static synchronized Provider provider(Pkcs11Uri uri, String shown)
      throws CredentialException {
    Path module = Path.of(uri.module());
    if (!Files.isReadable(module)) {
      throw new CredentialException(shown + ": there is no PKCS#11 library " + module);
    }
    long slot = slot(uri, module, shown);
    String name = module + "#" + slot;
    Provider known = PROVIDERS.get(name);
    if (known != null) {
      return known;
    }
    Provider sun = Security.getProvider("SunPKCS11");
    if (sun == null) {
      throw new CredentialException(shown + ": this Java has no SunPKCS11 provider");
    }
    if (PROVIDERS.size() >= MAX_TOKENS) {
      throw new CredentialException(shown + ": more than " + MAX_TOKENS + " tokens");
    }
    try {
      Provider made =
          sun.configure(
              "--name=quic"
                  + PROVIDERS.size()
                  + "\nlibrary="
                  + quoted(module.toString())
                  + "\nslot="
                  + slot
                  + "\n");
      // Last: software keys keep their own providers.
      Security.addProvider(made);
      PROVIDERS.put(name, made);
      return made;
    } catch (InvalidParameterException | ProviderException | UnsupportedOperationException e) {
      throw new CredentialException(shown + ": the token does not open: " + deepest(e));
    }
  }

  private static String quoted(String path) {
    return '"' + path.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static long slot(Pkcs11Uri uri, Path module, String shown) throws CredentialException {
    List<TokenSlots.Token> fitting =
        TokenSlots.of(module).stream()
            .filter(t -> uri.token() == null || uri.token().equals(t.label()))
            .filter(t -> uri.serial() == null || uri.serial().equals(t.serial()))
            .filter(t -> uri.slotId() == null || uri.slotId() == t.slot())
            // SoftHSM shows an empty slot for the next token to be made.
            .filter(t -> uri.token() != null || uri.slotId() != null || !t.label().isEmpty())
            .toList();
    if (fitting.size() != 1) {
      throw new CredentialException(
          shown
              + (fitting.isEmpty()
                  ? ": the library has no such token"
                  : ": several tokens fit: say which with token= or serial="));
    }
    return fitting.getFirst().slot();
  }

  private static String deepest(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return message == null
        ? cause.getClass().getSimpleName()
        : message.lines().findFirst().orElse("");
  }
}
