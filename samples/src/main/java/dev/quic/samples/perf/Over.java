package dev.quic.samples.perf;

/** What a measurement goes over. */
enum Over {
  QUIC,
  TCP,
  TLS
}
