package dev.quic.samples;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicConfig;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which congestion controller a command's connections use. */
public final class CongestionOption {
  /** The controllers, numbered as CONFIG does. */
  public enum Algorithm {
    RENO(QuicUapi.QUIC_CONG_ALG_RENO),
    CUBIC(QuicUapi.QUIC_CONG_ALG_CUBIC),
    BBR(QuicUapi.QUIC_CONG_ALG_BBR);

    private final int number;

    Algorithm(int number) {
      this.number = number;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static final class Converter implements ITypeConverter<Algorithm> {
    @Override
    public Algorithm convert(String value) {
      for (Algorithm a : Algorithm.values()) {
        if (a.toString().equals(value)) {
          return a;
        }
      }
      throw new TypeConversionException("'" + value + "' is not one of reno, cubic, bbr");
    }
  }

  @Option(
      names = "--cc",
      paramLabel = "NAME",
      converter = Converter.class,
      description = "Congestion control: reno, cubic or bbr (default: what the data plane uses).")
  private @Nullable Algorithm algorithm;

  /** To be called before the socket connects or listens. */
  public void apply(QuicSocket sock) throws QuicException {
    if (algorithm != null) {
      QuicConfig config = new QuicConfig(0, 0, 0, 0, algorithm.number, false, false, 0, 0, 0);
      sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONFIG, config.encode());
    }
  }

  /** The same option for a process started to help. */
  public List<String> arguments() {
    return algorithm == null ? List.of() : List.of("--cc", algorithm.toString());
  }
}
