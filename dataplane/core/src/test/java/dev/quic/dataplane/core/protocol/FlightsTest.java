package dev.quic.dataplane.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.packet.FirstFlight;
import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

class FlightsTest {
  private static final int COLLECTIONS = 100;

  private final Flights flights = new Flights();

  private static FirstFlight flight(long id) {
    return new FirstFlight(QuicVersion.V1, ConnId.ofKey(id));
  }

  private WeakReference<FirstFlight> comesAndGoes(long key) {
    FirstFlight f = flight(key);
    flights.put(0, key, f);
    flights.remove(key);
    return new WeakReference<>(f);
  }

  /** Most clients leave within a round trip; one that stays must not keep them all. */
  @Test
  void whoWentIsLetGoBehindOneThatStays() {
    flights.put(0, 1, flight(1));
    WeakReference<FirstFlight> gone = comesAndGoes(2);
    for (int i = 0; i < COLLECTIONS && gone.get() != null; i++) {
      System.gc();
    }
    assertThat(gone.get()).isNull();
    assertThat(flights.get(0, 1)).isNotNull();
  }

  @Test
  void aClientWithTwoIdsIsOne() {
    for (int i = 1; i <= Limits.FLIGHTS; i++) {
      flights.put(i, i, flight(i));
      flights.alias(i, -i);
      assertThat(flights.size()).isEqualTo(i);
    }
    assertThat(flights.get(Limits.FLIGHTS, 1)).isNotNull().isSameAs(flights.get(5, -1));
    flights.put(0, 0, flight(0));
    assertThat(flights.size()).isEqualTo(Limits.FLIGHTS);
    assertThat(flights.get(0, 1)).isNull();
    assertThat(flights.get(0, -1)).isNull();
    assertThat(flights.get(0, 2)).isNotNull();
    flights.remove(-2);
    assertThat(flights.get(0, 2)).isNull();
    assertThat(flights.size()).isEqualTo(Limits.FLIGHTS - 1);
  }

  @Test
  void timeAndBytesAreBounded() {
    flights.put(0, 1, flight(1));
    flights.put(5, 2, flight(2));
    assertThat(flights.get(Limits.FLIGHT_NANOS - 1, 1)).isNotNull();
    assertThat(flights.get(Limits.FLIGHT_NANOS, 1)).isNull();
    assertThat(flights.get(Limits.FLIGHT_NANOS, 2)).isNotNull();
    byte[] datagram = new byte[60_000];
    for (int i = 3; i < 300; i++) {
      FirstFlight f = flight(i);
      f.keep(datagram, 0, datagram.length, 0);
      flights.put(6, i, f);
      assertThat(flights.bytes()).isLessThanOrEqualTo(Limits.FLIGHTS_BYTES);
    }
    assertThat(flights.size()).isBetween(100, 140);
    for (int i = 0; i < 300; i++) {
      flights.remove(i);
    }
    assertThat(flights.bytes()).isZero();
  }
}
