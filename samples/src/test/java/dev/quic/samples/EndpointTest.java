package dev.quic.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.uapi.QuicUapi;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EndpointTest {
  @Test
  void parsesBothFamilies() throws UnknownHostException {
    InetSocketAddress v4 = Endpoint.parse("127.0.0.1:4433");
    InetSocketAddress v6 = Endpoint.parse("[::1]:4433");
    assertThat(Endpoint.family(v4)).isEqualTo(QuicUapi.AF_INET);
    assertThat(Endpoint.family(v6)).isEqualTo(QuicUapi.AF_INET6);
    assertThat(Endpoint.format(v4)).isEqualTo("127.0.0.1:4433");
    assertThat(Endpoint.format(v6)).isEqualTo("[0:0:0:0:0:0:0:1]:4433");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1"})
  void refusesTheRest(String text) {
    assertThatThrownBy(() -> Endpoint.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
