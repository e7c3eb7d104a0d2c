package dev.quic.samples;

import dev.quic.uapi.QuicUapi;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Values of {@code --cipher}. */
public enum Cipher {
  ANY(0),
  AES_128_GCM(QuicUapi.TLS_CIPHER_AES_GCM_128),
  AES_256_GCM(QuicUapi.TLS_CIPHER_AES_GCM_256),
  CHACHA20_POLY1305(QuicUapi.TLS_CIPHER_CHACHA20_POLY1305);

  /** {@code TLS_CIPHER_*}, 0 for all of them. */
  final int type;

  Cipher(int type) {
    this.type = type;
  }

  /** Takes {@code aes-128-gcm} and so on. */
  public static final class Converter implements ITypeConverter<Cipher> {
    @Override
    public Cipher convert(String text) {
      String name = text.toUpperCase(Locale.ROOT).replace('-', '_');
      for (Cipher cipher : values()) {
        if (cipher.name().equals(name)) {
          return cipher;
        }
      }
      throw new TypeConversionException(
          "not one of any, aes-128-gcm, aes-256-gcm, chacha20-poly1305: '" + text + "'");
    }
  }
}
