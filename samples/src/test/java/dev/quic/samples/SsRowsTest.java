package dev.quic.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.samples.SsCommand.Rows;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code ss} makes of a view. */
final class SsRowsTest {
  private static final Rows ROWS =
      Rows.of(
          "state\trole\trtt_us\tscid\nESTABLISHED\tclient\t120\t0011\nLISTENING\tlistener\t0\t-\n");

  @Test
  void tablesHaveColumns() {
    assertThat(ROWS.columns(List.of("rtt_us", "role")).table())
        .containsExactly("rtt_us role", "120    client", "0      listener");
  }

  @Test
  void listenersFirst() {
    assertThat(ROWS.sorted("role", "listener").table().get(1)).startsWith("LISTENING");
    assertThat(ROWS.where("role", "listener").rows()).hasSize(1);
  }

  @Test
  void aProtocolThatLooksLikeANumberIsText() {
    assertThat(Rows.json("alpn", "007")).isEqualTo("\"alpn\":\"007\"");
    assertThat(Rows.json("pid", "7")).isEqualTo("\"pid\":7");
  }

  @Test
  void numbersAndNothingInJson() {
    assertThat(ROWS.json())
        .containsExactly(
            "{\"state\":\"ESTABLISHED\",\"role\":\"client\",\"rtt_us\":120,\"scid\":\"0011\"}",
            "{\"state\":\"LISTENING\",\"role\":\"listener\",\"rtt_us\":0,\"scid\":null}");
  }
}
