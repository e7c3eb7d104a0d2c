package dev.quic.samples.interop;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the QUIC interop runner may put into TESTCASE, as far as it can be done here. Most cases
 * differ in the network and the files alone.
 */
enum InteropCase {
  HANDSHAKE,
  TRANSFER,
  LONGRTT,
  CHACHA20,
  MULTIPLEXING,
  RETRY,
  RESUMPTION,
  ZERORTT,
  BLACKHOLE,
  KEYUPDATE,
  ECN,
  AMPLIFICATIONLIMIT,
  MULTICONNECT,
  HANDSHAKELOSS,
  TRANSFERLOSS,
  HANDSHAKECORRUPTION,
  TRANSFERCORRUPTION,
  IPV6,
  GOODPUT,
  CROSSTRAFFIC,
  V2,
  VERSIONNEGOTIATION,
  REBIND_PORT,
  REBIND_ADDR,
  CONNECTIONMIGRATION,
  HTTP3;

  /** Any other protocol's name stands for HTTP/0.9. */
  static final String H3 = "h3";

  /**
   * @return null for a case that is not supported
   */
  static @Nullable InteropCase of(String name) {
    for (InteropCase value : values()) {
      if (value.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(name)) {
        return value;
      }
    }
    return null;
  }

  /** The application protocol that the runner wants. */
  String protocol() {
    return this == HTTP3 ? H3 : "hq-interop";
  }

  /** Whether the client makes a connection for every file. */
  boolean connectionPerFile() {
    return this == MULTICONNECT || this == HANDSHAKELOSS || this == HANDSHAKECORRUPTION;
  }

  /** Whether the client fetches the first file, and the others over a resumed connection. */
  boolean resumes() {
    return this == RESUMPTION || this == ZERORTT;
  }
}
