package dev.quic.samples.hq;

/** Application error codes; HTTP/0.9 has none, so these are HTTP/3's, as other stacks use them. */
final class HqErrors {
  /** H3_REQUEST_REJECTED: no such file here. */
  static final int NOT_FOUND = 0x10b;

  private HqErrors() {}
}
