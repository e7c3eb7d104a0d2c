package dev.quic.resumption;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Time of a test: nanoseconds for packets and a wall clock that goes with them. */
final class VirtualTime extends Clock {
  private final Instant start = Instant.parse("2026-03-01T12:00:00Z");
  private long nanos = 1_000_000_000L;

  long now() {
    return nanos;
  }

  void to(long later) {
    nanos = Math.max(nanos, later);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }

  @Override
  public Instant instant() {
    return start.plusNanos(nanos);
  }
}
