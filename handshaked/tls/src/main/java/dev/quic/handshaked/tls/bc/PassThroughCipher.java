package dev.quic.handshaked.tls.bc;

import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.crypto.TlsCipher;
import org.bouncycastle.tls.crypto.TlsDecodeResult;
import org.bouncycastle.tls.crypto.TlsEncodeResult;

/**
 * Record protection that protects nothing: QUIC packets do (RFC 9001 section 4). Input records are
 * made by {@link BcEngine}, content type last as in TLSInnerPlaintext; output never reaches a
 * record.
 */
final class PassThroughCipher implements TlsCipher {
  @Override
  public int getCiphertextDecodeLimit(int plaintextLimit) {
    return plaintextLimit + 1;
  }

  @Override
  public int getCiphertextEncodeLimit(int plaintextLimit) {
    return plaintextLimit + 1;
  }

  @Override
  public int getPlaintextDecodeLimit(int ciphertextLimit) {
    return ciphertextLimit - 1;
  }

  @Override
  public int getPlaintextEncodeLimit(int ciphertextLimit) {
    return ciphertextLimit - 1;
  }

  @Override
  public TlsEncodeResult encodePlaintext(
      long seqNo,
      short contentType,
      ProtocolVersion recordVersion,
      int headerAllocation,
      byte[] plaintext,
      int offset,
      int len) {
    throw new IllegalStateException("a record would be written: the output hook did not fire");
  }

  @Override
  public TlsDecodeResult decodeCiphertext(
      long seqNo,
      short recordType,
      ProtocolVersion recordVersion,
      byte[] ciphertext,
      int offset,
      int len) {
    return new TlsDecodeResult(ciphertext, offset, len - 1, ciphertext[offset + len - 1]);
  }

  @Override
  public void rekeyDecoder() {
    throw new IllegalStateException("key updates are refused");
  }

  @Override
  public void rekeyEncoder() {
    throw new IllegalStateException("key updates are refused");
  }

  @Override
  public boolean usesOpaqueRecordTypeDecode() {
    return true;
  }

  @Override
  public boolean usesOpaqueRecordTypeEncode() {
    return true;
  }
}
