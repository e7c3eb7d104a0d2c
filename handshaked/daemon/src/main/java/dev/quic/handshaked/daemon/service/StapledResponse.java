package dev.quic.handshaked.daemon.service;

import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.Credentials;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * {@code x509.ocsp}: the response a server staples to its certificate (RFC 6066 section 8), which
 * another program keeps fresh. It is read for each handshake, so that a new one needs no reload.
 */
final class StapledResponse {
  /** Longest response; one for one certificate has about two kilobytes. */
  static final int MAX_BYTES = 1 << 16;

  /** ASN.1 SEQUENCE, which every OCSPResponse is (RFC 6960 section 4.2.1). */
  private static final byte SEQUENCE = 0x30;

  private StapledResponse() {}

  /**
   * @param file null for no response; one that is not there yet holds none
   * @throws CredentialException when the file cannot be read or holds something else
   */
  static Credentials with(Credentials own, @Nullable Path file) throws CredentialException {
    if (file == null) {
      return own;
    }
    byte[] der;
    try (InputStream in = Files.newInputStream(file)) {
      der = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      return own;
    } catch (IOException e) {
      throw new CredentialException("cannot read the OCSP response " + file, e);
    }
    if (der.length == 0 || der.length > MAX_BYTES || der[0] != SEQUENCE) {
      throw new CredentialException(file + " holds no OCSP response in DER");
    }
    return new Credentials(own.chain(), own.key(), der);
  }
}
