package dev.quic.samples;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code 65536}, {@code 64K}, {@code 16M}, {@code 1G}: binary multiples. */
public final class ByteSize implements ITypeConverter<Long> {
  private static final String UNITS = "KMG";

  @Override
  public Long convert(String text) {
    String value = text.strip().toUpperCase(Locale.ROOT);
    int unit = value.isEmpty() ? -1 : UNITS.indexOf(value.charAt(value.length() - 1));
    String digits = unit < 0 ? value : value.substring(0, value.length() - 1);
    try {
      return Math.multiplyExact(Long.parseLong(digits), 1L << (10 * (unit + 1)));
    } catch (ArithmeticException | NumberFormatException e) {
      throw new TypeConversionException("not a size such as 65536, 64K, 16M or 1G: '" + text + "'");
    }
  }
}
