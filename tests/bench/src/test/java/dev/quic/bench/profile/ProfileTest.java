package dev.quic.bench.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

final class ProfileTest {
  @Test
  void pausesComeFromTheLog() {
    Safepoints s =
        Safepoints.of(
            List.of(
                "[5000ms] Safepoint \"ParallelGCFailedAllocation\", Time since last: 9 ns, Reaching safepoint: 2000000 ns,"
                    + " At safepoint: 2 ns, Leaving safepoint: 3 ns, Total:    3000000 ns, Threads: 0 runnable, 9 total",
                "[7000ms] Safepoint \"Cleanup\", Time since last: 9 ns, Reaching safepoint: 1 ns, Total: 1000000 ns,"
                    + " Threads: 1 runnable, 9 total",
                "something else"));
    assertThat(s.percentile(50)).isEqualTo(1_000_000);
    assertThat(s.percentile(99.9)).isEqualTo(3_000_000);
    assertThat(s.text())
        .startsWith("2 safepoints {Cleanup=1, ParallelGCFailedAllocation=1}, median 1.000 ms")
        .endsWith(
            "longest 3.000 ms (ParallelGCFailedAllocation, 2.000 ms of it until all stood still)");
    assertThat(s.between(5_001, 7_000).text()).startsWith("1 safepoints {Cleanup=1}");
    assertThat(s.between(5_001, 6_999).text()).isEqualTo("no safepoint");
    assertThat(Safepoints.of(List.of()).percentile(99)).isZero();
  }

  @Test
  void stacksAreMergedAndDrawn() throws Exception {
    StackTree root = new StackTree("shard-*");
    for (int i = 0; i < 999; i++) {
      root.add(List.of("Shard.run", i % 3 == 0 ? "DutyCycle.turn" : "A<B>.\"x\""));
    }
    root.add(List.of("rare"));
    assertThat(root.count()).isEqualTo(1_000);
    assertThat(root.depth()).isEqualTo(3);
    String svg = FlamePicture.draw("Sender & co", root);
    Document parsed =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
    // The paper, the root, one of the two, and its two; what is rare is left out.
    assertThat(parsed.getElementsByTagName("rect").getLength()).isEqualTo(5);
    assertThat(FlamePicture.draw("nothing", new StackTree("x"))).contains("0 samples");
  }

  @Test
  void namesAreShort() {
    assertThat(StackTree.title("dev.quic.dataplane.io.Shard", "run")).isEqualTo("Shard.run");
    assertThat(StackTree.title("java.util.HashMap", "get")).isEqualTo("util.HashMap.get");
    assertThat(StackTree.title("Top", "x")).isEqualTo("Top.x");
  }
}
