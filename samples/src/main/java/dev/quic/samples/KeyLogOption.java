package dev.quic.samples;

import picocli.CommandLine.Option;

/** {@code --keylog}: only together with the environment variable, so that neither alone leaks. */
public final class KeyLogOption {
  private static final String VARIABLE = "SSLKEYLOGFILE";

  @Option(
      names = "--keylog",
      description =
          "Append the secrets of connections to the file that SSLKEYLOGFILE names, for Wireshark.")
  private boolean on;

  public boolean on() {
    if (on && System.getenv(VARIABLE) == null) {
      throw new IllegalArgumentException("--keylog needs the environment variable " + VARIABLE);
    }
    return on;
  }
}
