package dev.quic.handshaked.daemon.config;

/** A configuration that cannot be used; the message is one line for a person and names the file. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  public ConfigException(String message) {
    super(message);
  }
}
