package dev.quic.handshaked.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class WarmUpTest {
  @Test
  void isAWholeHandshake() throws Exception {
    assertThat(WarmUp.handshake()).isTrue();
  }
}
