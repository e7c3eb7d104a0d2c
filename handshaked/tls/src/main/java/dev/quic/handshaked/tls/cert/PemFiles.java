package dev.quic.handshaked.tls.cert;

import java.io.ByteArrayInputStream;
import java.io.IOException;
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
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
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

  private PemFiles() {}

  /** A chain, leaf first, with the key that belongs to it. */
  public static Credentials credentials(Path chainFile, Path keyFile) throws CredentialException {
    List<X509Certificate> chain = certificates(chainFile);
    PrivateKey key = privateKey(keyFile);
    if (!belongTogether(chain.getFirst().getPublicKey(), key)) {
      throw new CredentialException(
          "private key " + keyFile + " does not belong to certificate " + chainFile);
    }
    return new Credentials(chain, key);
  }

  /** All certificates of a file, in its order; at least one. */
  public static List<X509Certificate> certificates(Path file) throws CredentialException {
    List<X509Certificate> found = new ArrayList<>();
    try (PEMParser parser = new PEMParser(open(file, "certificate"))) {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Object item = parser.readObject(); item != null; item = parser.readObject()) {
        if (item instanceof X509CertificateHolder holder) {
          found.add(
              (X509Certificate)
                  factory.generateCertificate(new ByteArrayInputStream(holder.getEncoded())));
        }
      }
    } catch (CredentialException e) {
      throw e;
    } catch (IOException | CertificateException | RuntimeException e) {
      throw new CredentialException("cannot read certificate " + file + ": " + cause(e), e);
    }
    if (found.isEmpty()) {
      throw new CredentialException("no certificate in " + file);
    }
    return found;
  }

  /** The first private key of a file. */
  public static PrivateKey privateKey(Path file) throws CredentialException {
    try (PEMParser parser = new PEMParser(open(file, "private key"))) {
      for (Object item = parser.readObject(); item != null; item = parser.readObject()) {
        PrivateKeyInfo info = keyInfo(item, file);
        if (info != null) {
          return decode(info);
        }
      }
    } catch (CredentialException e) {
      throw e;
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      throw new CredentialException("cannot read private key " + file + ": " + cause(e), e);
    }
    throw new CredentialException("no private key in " + file);
  }

  private static @Nullable PrivateKeyInfo keyInfo(Object item, Path file)
      throws CredentialException {
    return switch (item) {
      case PrivateKeyInfo info -> info;
      case PEMKeyPair pair -> pair.getPrivateKeyInfo();
      case PEMEncryptedKeyPair ignored -> throw encrypted(file);
      case PKCS8EncryptedPrivateKeyInfo ignored -> throw encrypted(file);
      default -> null;
    };
  }

  private static CredentialException encrypted(Path file) {
    return new CredentialException("private key " + file + " is encrypted: store it in plain form");
  }

  private static PrivateKey decode(PrivateKeyInfo info)
      throws IOException, GeneralSecurityException, CredentialException {
    String algorithm = info.getPrivateKeyAlgorithm().getAlgorithm().getId();
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

  /** Whether what the private key signs verifies under the public key. */
  private static boolean belongTogether(PublicKey publicKey, PrivateKey key) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA", "RSASSA-PSS" -> "SHA256withRSA";
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
