package dev.quic.handshaked.tls.bc;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.bouncycastle.tls.crypto.CryptoHashAlgorithm;
import org.bouncycastle.tls.crypto.TlsCryptoUtils;
import org.bouncycastle.tls.crypto.TlsSecret;

/** The parts of the key schedule (RFC 8446 section 7) that bctls leaves out. */
final class KeySchedule {
  private KeySchedule() {}

  /** A copy of a secret's bytes; encrypt is the one public way to read without consuming. */
  static byte[] bytes(TlsSecret secret) throws IOException {
    return secret.encrypt((in, off, len) -> Arrays.copyOfRange(in, off, off + len));
  }

  /** client_early_traffic_secret. */
  static byte[] earlyTraffic(byte[] psk, int hash, byte[] helloHash) throws IOException {
    TlsSecret early =
        QuicCrypto.SHARED.hkdfInit(hash).hkdfExtract(hash, QuicCrypto.SHARED.createSecret(psk));
    try {
      return derive(early, hash, "c e traffic", helloHash, length(hash));
    } finally {
      early.destroy();
    }
  }

  /** resumption_master_secret. */
  static byte[] resumptionMaster(TlsSecret master, int hash, byte[] transcript) throws IOException {
    return derive(master, hash, "res master", transcript, length(hash));
  }

  /** The key of a ticket (RFC 8446 section 4.6.1). */
  static byte[] ticketPsk(byte[] resumptionMaster, int hash, byte[] nonce) throws IOException {
    return derive(resumptionMaster, hash, "resumption", nonce, length(hash));
  }

  /** TLS-Exporter (RFC 8446 section 7.5). */
  static byte[] export(byte[] exporterMaster, int hash, String label, byte[] context, int length)
      throws IOException {
    byte[] secret = derive(exporterMaster, hash, label, digest(hash).digest(), length(hash));
    try {
      return derive(secret, hash, "exporter", digest(hash).digest(context), length);
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  private static byte[] derive(byte[] key, int hash, String label, byte[] context, int length)
      throws IOException {
    TlsSecret secret = QuicCrypto.SHARED.createSecret(key);
    try {
      return derive(secret, hash, label, context, length);
    } finally {
      secret.destroy();
    }
  }

  private static byte[] derive(TlsSecret key, int hash, String label, byte[] context, int length)
      throws IOException {
    return TlsCryptoUtils.hkdfExpandLabel(key, hash, label, context, length).extract();
  }

  static int length(int hash) {
    return TlsCryptoUtils.getHashOutputSize(hash);
  }

  /** A copy of one that was looked up once: the look-up takes longer than most hashes. */
  static MessageDigest digest(int hash) {
    JdkDigest known = hash == CryptoHashAlgorithm.sha384 ? JdkDigest.sha384() : JdkDigest.sha256();
    if (known != null) {
      return known.digest();
    }
    try {
      return MessageDigest.getInstance(hash == CryptoHashAlgorithm.sha384 ? "SHA-384" : "SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-2", e);
    }
  }
}
