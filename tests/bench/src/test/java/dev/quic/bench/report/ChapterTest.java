package dev.quic.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

final class ChapterTest {
  private static final Row OURS =
      new Row("ours", true, List.of(of(4, 2), of(2, 3), of(8, 1)), List.of(), "ours");
  private static final Row OTHER =
      new Row("a<b> & c", false, List.of(of(1, 5)), List.of("over 5 s", "x"), "ours");
  private static final Row NONE = new Row("none", false, List.of(), List.of("gone"), "ours");
  private static final Chapter CHAPTER =
      new Chapter("Bulk", "Gbit/s", "s/GiB", List.of(OURS, OTHER, NONE), "A note.");

  private static Sample of(double value, double cpu) {
    return new Sample(value, cpu, Sample.UNKNOWN, 0);
  }

  @Test
  void theMedianIsARunThatHappened() {
    assertThat(Sample.median(List.of(of(3, 1), of(1, 2), of(2, 3)))).isEqualTo(of(2, 3));
    assertThat(Sample.median(List.of(of(3, 1), of(1, 2)))).isEqualTo(of(1, 2));
    assertThatThrownBy(() -> Sample.median(List.of())).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tableHasRatiosAndFailures() {
    assertThat(CHAPTER.markdown())
        .startsWith(
            "### Bulk\n\n| | Gbit/s | rounds | ratio to ours | CPU s/GiB, client | server |")
        .contains("| ours | 4.00 | 4.00, 2.00, 8.00 | 1.00 | 2.00 | – |\n")
        .contains("| a<b> & c | 1.00 | 1.00 | 0.25 | 5.00 | – |\n")
        .contains("| none | – | | | | |\n")
        .contains("a<b> & c: 2 of 3 runs failed (over 5 s).")
        .endsWith("A note.\n");
    assertThat(CHAPTER.ratio(NONE)).isNaN();
  }

  @Test
  void datagramsInUseAreTold() {
    Row row = new Row("x", true, List.of(new Sample(1, 1, 1, 1472)), List.of(), null);
    assertThat(new Chapter("t", "u", "c", List.of(row), "").markdown())
        .contains("| x, datagrams of 1472 | 1.00 | 1.00 |  | 1.00 | 1.00 |");
  }

  @Test
  void pictureIsWellFormedAndHasABarForEachFigure() throws Exception {
    String svg = BarPicture.draw("Title & more", "today", List.of(CHAPTER, CHAPTER));
    Document parsed =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
    assertThat(parsed.getDocumentElement().getTagName()).isEqualTo("svg");
    // One of them is the paper.
    assertThat(parsed.getElementsByTagName("rect").getLength()).isEqualTo(1 + 4);
    assertThat(svg).contains("prefers-color-scheme:dark").contains("no figure");
  }

  @Test
  void goalsThatCannotBeJudgedAreLeftOut() {
    assertThat(Goal.markdown(List.of(new Goal("x", 1, Double.NaN)))).isEmpty();
    assertThat(Goal.markdown(List.of(new Goal("x", 1, 0.99), new Goal("y", 1, 1))))
        .contains("| x | 1.00 | 0.99 | no |")
        .contains("| y | 1.00 | 1.00 | yes |");
  }

  @Test
  void flatJson() {
    FlatJson json = FlatJson.parse("{\"run\":\"tls\",\"gbit_s\":6.5,\"n\":-3,\"opts\":\"a=1\"}");
    assertThat(json.number("gbit_s", 0)).isEqualTo(6.5);
    assertThat(json.number("n", 0)).isEqualTo(-3);
    assertThat(json.number("run", 7)).isEqualTo(7);
    assertThat(json.number("absent", 8)).isEqualTo(8);
    assertThat(json.has("opts")).isTrue();
    assertThat(FlatJson.parse("no JSON").has("x")).isFalse();
  }
}
