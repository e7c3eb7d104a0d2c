package dev.quic.handshaked.daemon.tags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class WildcardTest {
  private static boolean matches(String pattern, String text) {
    return new Wildcard(pattern).matches(text);
  }

  @Test
  void stars() {
    assertThat(matches("*", "")).isTrue();
    assertThat(matches("*", "anything")).isTrue();
    assertThat(matches("a*c", "ac")).isTrue();
    assertThat(matches("a*c", "abcbc")).isTrue();
    assertThat(matches("a*c", "abcb")).isFalse();
    assertThat(matches("*O=Example*CN=*", "C=US,O=Example,CN=host")).isTrue();
    assertThat(matches("a*b*c", "a-c-b")).isFalse();
  }

  @Test
  void oneCharacterAndNothingElseSpecial() {
    assertThat(matches("h?st", "host")).isTrue();
    assertThat(matches("h?st", "hst")).isFalse();
    assertThat(matches("a.b[c]", "a.b[c]")).isTrue();
    assertThat(matches("a.b", "axb")).isFalse();
    assertThat(matches("abc", "abcd")).isFalse();
    assertThat(matches("", "")).isTrue();
    assertThat(matches("", "x")).isFalse();
  }

  @Test
  void manyStarsAreNoTrap() {
    assertThat(matches("*a".repeat(200), "a".repeat(20_000) + "b")).isFalse();
    assertThatThrownBy(() -> new Wildcard("*".repeat(513))).hasMessageContaining("512");
  }
}
