package dev.quic.handshaked.tls.cert;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.PrivateKeyInfoFactory;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.jspecify.annotations.Nullable;

/**
 * Reads PEM files (RFC 7468): certificates, and private keys in PKCS#8, SEC 1 or PKCS#1 form.
 * Errors are one line and name the file.
 */
public final class PemFiles {
  /** Bytes: no bundle of anchors comes near, and no mistaken path fills the memory. */
  private static final long MAX_FILE = 16L << 20;

  /** id-ml-dsa-44, -65 and -87 (RFC 9881). */
  private static final Set<String> ML_DSA =
      Set.of("2.16.840.1.101.3.4.3.17", "2.16.840.1.101.3.4.3.18", "2.16.840.1.101.3.4.3.19");

  private PemFiles() {}

  /** A chain, leaf first, with the key that belongs to it. */
  public static Credentials credentials(Path chainFile, Path keyFile) throws CredentialException {
    return credentials(
        certificates(chainFile), privateKey(keyFile), chainFile.toString(), keyFile.toString());
  }

  /**
   * A chain and a key from wherever, once it is shown that they belong together.
   *
   * @param chainName what to call the chain in an error
   * @param keyName what to call the key
   */
  public static Credentials credentials(
      List<X509Certificate> chain, PrivateKey key, String chainName, String keyName)
      throws CredentialException {
    boolean together;
    try {
      together = belongTogether(chain.getFirst().getPublicKey(), key);
    } catch (RuntimeException e) {
      // A provider's own, for example of a token that is gone.
      throw new CredentialException(
          "private key " + keyName + " cannot be used with " + chainName + ": " + cause(e), e);
    }
    if (!together) {
      throw new CredentialException(
          "private key " + keyName + " does not belong to certificate " + chainName);
    }
    return new Credentials(chain, key);
  }

  /** All certificates of a file, in its order; at least one. */
  public static List<X509Certificate> certificates(Path file) throws CredentialException {
    return certificates(open(file, "certificate"), file.toString());
  }

  /**
   * All certificates of a PEM text or of one or more DER certificates in a row; at least one.
   *
   * @param name what to call the bytes in an error
   */
  public static List<X509Certificate> certificates(byte[] bytes, String name)
      throws CredentialException {
    if (!isDer(bytes)) {
      return certificates(text(bytes), name);
    }
    List<X509Certificate> found = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      ByteArrayInputStream in = new ByteArrayInputStream(bytes);
      while (in.available() > 0) {
        found.add((X509Certificate) factory.generateCertificate(in));
      }
    } catch (CertificateException e) {
      throw new CredentialException("cannot read certificate " + name + ": " + cause(e), e);
    }
    return found;
  }

  private static List<X509Certificate> certificates(Reader text, String name)
      throws CredentialException {
    List<X509Certificate> found = new ArrayList<>();
    try (PEMParser parser = new PEMParser(text)) {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Object item = parser.readObject(); item != null; item = parser.readObject()) {
        if (item instanceof X509CertificateHolder holder) {
          found.add(
              (X509Certificate)
                  factory.generateCertificate(new ByteArrayInputStream(holder.getEncoded())));
        }
      }
    } catch (IOException | CertificateException | RuntimeException e) {
      throw new CredentialException("cannot read certificate " + name + ": " + cause(e), e);
    }
    if (found.isEmpty()) {
      throw new CredentialException("no certificate in " + name);
    }
    return found;
  }

  /** The first private key of a file. */
  public static PrivateKey privateKey(Path file) throws CredentialException {
    return privateKey(open(file, "private key"), file.toString());
  }

  /**
   * The first private key of a PEM text, or a PKCS#8 key in DER.
   *
   * @param name what to call the bytes in an error
   */
  public static PrivateKey privateKey(byte[] bytes, String name) throws CredentialException {
    if (!isDer(bytes)) {
      return privateKey(text(bytes), name);
    }
    try {
      return decode(PrivateKeyInfo.getInstance(bytes));
    } catch (CredentialException e) {
      throw e;
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      throw new CredentialException("cannot read private key " + name + ": " + cause(e), e);
    }
  }

  /** A SEQUENCE whose length takes more than a byte; no PEM text begins so. */
  private static boolean isDer(byte[] bytes) {
    return bytes.length > 2 && bytes[0] == 0x30 && (bytes[1] < 0 || bytes[1] == bytes.length - 2);
  }

  private static Reader text(byte[] bytes) {
    return new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.ISO_8859_1);
  }

  private static PrivateKey privateKey(Reader text, String name) throws CredentialException {
    try (PEMParser parser = new PEMParser(text)) {
      for (Object item = parser.readObject(); item != null; item = parser.readObject()) {
        PrivateKeyInfo info = keyInfo(item, name);
        if (info != null) {
          return decode(info);
        }
      }
    } catch (CredentialException e) {
      throw e;
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      throw new CredentialException("cannot read private key " + name + ": " + cause(e), e);
    }
    throw new CredentialException("no private key in " + name);
  }

  private static @Nullable PrivateKeyInfo keyInfo(Object item, String name)
      throws CredentialException {
    return switch (item) {
      case PrivateKeyInfo info -> info;
      case PEMKeyPair pair -> pair.getPrivateKeyInfo();
      case PEMEncryptedKeyPair ignored -> throw encrypted(name);
      case PKCS8EncryptedPrivateKeyInfo ignored -> throw encrypted(name);
      default -> null;
    };
  }

  private static CredentialException encrypted(String name) {
    return new CredentialException("private key " + name + " is encrypted: store it in plain form");
  }

  private static PrivateKey decode(PrivateKeyInfo info)
      throws IOException, GeneralSecurityException, CredentialException {
    String algorithm = info.getPrivateKeyAlgorithm().getAlgorithm().getId();
    if (ML_DSA.contains(algorithm)) {
      return mlDsa(info);
    }
    String name =
        switch (algorithm) {
          case "1.2.840.10045.2.1" -> "EC";
          case "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10" -> "RSA";
          case "1.3.101.112" -> "Ed25519";
          default ->
              throw new CredentialException(
                  "private key algorithm " + algorithm + " is not supported");
        };
    return KeyFactory.getInstance(name).generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
  }

  /**
   * RFC 9881 section 6 has three forms of a key: seed, expanded, both. The JDK reads the expanded
   * one only, so the others are made into it.
   */
  private static PrivateKey mlDsa(PrivateKeyInfo info)
      throws IOException, GeneralSecurityException, CredentialException {
    if (!(PrivateKeyFactory.createKey(info) instanceof MLDSAPrivateKeyParameters key)) {
      throw new CredentialException("an ML-DSA private key that cannot be parsed");
    }
    byte[] expanded =
        PrivateKeyInfoFactory.createPrivateKeyInfo(
                key.getParametersWithFormat(MLDSAPrivateKeyParameters.EXPANDED_KEY))
            .getEncoded();
    try {
      return KeyFactory.getInstance("ML-DSA").generatePrivate(new PKCS8EncodedKeySpec(expanded));
    } finally {
      Arrays.fill(expanded, (byte) 0);
    }
  }

  /** Whether what the private key signs verifies under the public key. */
  private static boolean belongTogether(PublicKey publicKey, PrivateKey key) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA", "RSASSA-PSS" -> "SHA256withRSA";
          case "ML-DSA" -> "ML-DSA";
          default -> "Ed25519";
        };
    byte[] probe = "do they belong together".getBytes(StandardCharsets.US_ASCII);
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(probe);
      byte[] signature = signer.sign();
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(publicKey);
      verifier.update(probe);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static Reader open(Path file, String what) throws CredentialException {
    try {
      if (Files.size(file) > MAX_FILE) {
        throw new CredentialException(what + " " + file + " is larger than 16 MiB");
      }
      return new StringReader(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (CredentialException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw new CredentialException(what + " " + file + " does not exist", e);
    } catch (AccessDeniedException e) {
      throw new CredentialException(what + " " + file + " is not readable: permission denied", e);
    } catch (IOException | UncheckedIOException e) {
      throw new CredentialException("cannot read " + what + " " + file + ": " + cause(e), e);
    }
  }

  private static String cause(Exception e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message.lines().findFirst().orElse("");
  }
}
