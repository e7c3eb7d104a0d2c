package dev.quic.resumption.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class HookCommandTest {
  @Test
  void theNameIsTheLastArgument() throws Exception {
    assertThat(new HookCommand("test a = a -a expired =").prepare("expired")).isTrue();
  }

  @Test
  void seventySevenIsNo() throws Exception {
    assertThat(new HookCommand("exit 77;").prepare("expired")).isFalse();
  }

  @Test
  void anythingElseEndsTheRun() {
    assertThatThrownBy(() -> new HookCommand("exit 3;").prepare("key-gone"))
        .isInstanceOf(IOException.class)
        .hasMessage("the hook 'exit 3; key-gone' failed with exit code 3");
  }
}
