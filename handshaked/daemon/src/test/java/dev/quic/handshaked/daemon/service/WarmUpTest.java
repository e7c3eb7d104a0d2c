package dev.quic.handshaked.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.CryptoMode;
import org.junit.jupiter.api.Test;

final class WarmUpTest {
  @Test
  void isAWholeHandshake() throws Exception {
    assertThat(WarmUp.handshake(CryptoMode.AUTO.open())).isTrue();
    assertThat(WarmUp.handshake(null)).isTrue();
  }
}
