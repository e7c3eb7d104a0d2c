package dev.quic.handshaked.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IniFileTest {
  private static IniFile parse(String... lines) throws ConfigException {
    return IniFile.parse("f", String.join("\n", lines));
  }

  @Test
  void readsGroupsKeysCommentsAndBlanks() throws Exception {
    IniFile f =
        parse(
            "# comment",
            "",
            "  [one]  ",
            "a=1",
            "  b.c =  two words  \r",
            "#x=1",
            "[two]",
            "a = 2");
    assertThat(f.string("one", "a")).isEqualTo("1");
    assertThat(f.string("one", "b.c")).isEqualTo("two words");
    assertThat(f.string("two", "a")).isEqualTo("2");
    assertThat(f.string("one", "x")).isNull();
    assertThat(f.groups()).containsEntry("one", 3).containsEntry("two", 7);
    assertThat(f.line("one", "b.c")).isEqualTo(5);
    assertThat(f.warnings()).isEmpty();
  }

  @Test
  void aHashInsideAValueIsPartOfIt() throws Exception {
    assertThat(parse("[g]", "a=x # y").string("g", "a")).isEqualTo("x # y");
  }

  @Test
  void mergesGroupsAndWarnsOfARepeatedKey() throws Exception {
    IniFile f = parse("[g]", "a=1", "[h]", "[g]", "a=2");
    assertThat(f.string("g", "a")).isEqualTo("2");
    assertThat(f.warnings()).containsExactly("f:5: [g] a was already given in line 2");
  }

  @Test
  void listsAndEscapes() throws Exception {
    IniFile f = parse("[g]", "l= a ;b\\;c;; d\\se ;", "s=\\s x\\t\\\\", "e=");
    assertThat(f.list("g", "l")).isEqualTo(List.of("a", "b;c", "d e"));
    assertThat(f.string("g", "s")).isEqualTo("  x\t\\");
    assertThat(f.string("g", "e")).isNull();
    assertThat(f.list("g", "none")).isEmpty();
  }

  @Test
  void numbers() throws Exception {
    IniFile f = parse("[g]", "n=7", "bad=x", "big=100");
    assertThat(f.number("g", "n", 1, 0, 9)).isEqualTo(7);
    assertThat(f.number("g", "none", 1, 0, 9)).isEqualTo(1);
    assertThatThrownBy(() -> f.number("g", "bad", 1, 0, 9))
        .hasMessage("f:3: [g] bad = x: not a number 0..9");
    assertThatThrownBy(() -> f.number("g", "big", 1, 0, 9))
        .hasMessage("f:4: [g] big = 100: not a number 0..9");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a=1               | f:1: a key before the first [group]",
        "[g]~nonsense      | f:2: neither a [group] nor key=value: nonsense",
        "#~~[g             | f:3: a group is written [name]",
        "[]                | f:1: not a group name: []",
        "[a[b]             | f:1: not a group name: [a[b]",
        "[g]~=1            | f:2: not a key: ''",
        "[g]~a[x]=1        | f:2: not a key: 'a[x]'",
        "[g] x             | f:1: a group is written [name]",
      })
  void refusesWithALineNumber(String text, String message) {
    assertThatThrownBy(() -> IniFile.parse("f", text.replace('~', '\n')))
        .isInstanceOf(ConfigException.class)
        .hasMessage(message);
  }

  @Test
  void refusesAnUnknownEscapeWhenTheValueIsUsed() throws Exception {
    IniFile f = parse("[g]", "a=\\q", "b=x\\");
    assertThatThrownBy(() -> f.string("g", "a")).hasMessage("f:2: unknown escape in \\q");
    assertThatThrownBy(() -> f.string("g", "b")).hasMessage("f:3: unknown escape in x\\");
  }

  @Test
  void refusesAnEndlessFile() {
    assertThatThrownBy(() -> IniFile.parse("f", "#".repeat(IniFile.MAX_CHARS + 1)))
        .hasMessageContaining("longer than");
  }
}
