package dev.quic.samples;

import dev.quic.uapi.QuicUapi;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A QUIC version as a person writes it: 1, 2, or a number such as 0x1a2a3a4a. */
record VersionNumber(int wire) {
  static final class Converter implements ITypeConverter<VersionNumber> {
    @Override
    public VersionNumber convert(String text) {
      String t = text.strip();
      if ("2".equals(t)) {
        return new VersionNumber(QuicUapi.QUIC_VERSION_V2);
      }
      try {
        long n = Long.decode(t);
        if (n > 0 && n <= 0xffff_ffffL) {
          return new VersionNumber((int) n);
        }
      } catch (NumberFormatException e) {
        // Said below.
      }
      throw new TypeConversionException(
          "not 1, 2 or a number from 1 to 0xffffffff: '" + text + "'");
    }
  }
}
