package dev.quic.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.bench.report.Chapter;
import dev.quic.bench.report.Goal;
import dev.quic.bench.report.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InterleavedTest {
  private final List<String> order = new ArrayList<>();

  private Subject subject(String key, String title, double value) {
    return new Subject(
        key,
        title,
        true,
        null,
        () -> {
          order.add(key);
          if (value < 0) {
            throw new IOException("no\nluck");
          }
          return new Sample(value, 1, 1, 0);
        });
  }

  @Test
  void everythingOnceThenAgainAndSharedRowsOnce() throws Exception {
    Plan one = Plan.bulk("one", List.of(subject("a", "A", 1), subject("b", "B", 2)), "");
    Plan two = Plan.bulk("two", List.of(subject("a", "again", 1), subject("c", "C", -1)), "");
    List<String> said = new ArrayList<>();
    Interleaved runs = new Interleaved(List.of(one, two), said::add);
    assertThat(runs.size()).isEqualTo(3);
    List<Chapter> chapters = runs.run(2);
    assertThat(order).containsExactly("a", "b", "c", "a", "b", "c");
    assertThat(chapters.get(0).rows().get(0).samples()).hasSize(2);
    assertThat(chapters.get(1).rows().get(0).samples()).hasSize(2);
    assertThat(chapters.get(1).rows().get(1).failures()).containsExactly("no", "no");
    assertThat(said).hasSize(6).first().isEqualTo("round 1 of 2, one: A, 1.00 Gbit/s");
  }

  @Test
  void everySetHasAPlanWithAndWithoutPeers(@TempDir Path dir) throws Exception {
    Path original = Files.createDirectories(dir.resolve("peers"));
    assertThat(PeerTools.find(original, dir.resolve("copy"))).isNull();
    Files.writeString(original.resolve("run.sh"), "#!/bin/sh\n");
    Files.createDirectories(original.resolve("target"));
    PeerTools tools = Objects.requireNonNull(PeerTools.find(original, dir.resolve("copy")));
    assertThat(dir.resolve("copy/run.sh")).exists();
    assertThat(dir.resolve("copy/target")).doesNotExist();
    OwnRuns own = new OwnRuns(1, 1, "");
    PreloadRuns preload = new PreloadRuns(own, 1, 1);
    Plans with = new Plans(own, preload, tools, 1, 1, 1);
    Plans without = new Plans(own, preload, null, 1, 1, 1);
    for (String set : Plans.ALL) {
      assertThat(with.of(set).subjects()).isNotEmpty();
      assertThat(without.of(set).subjects()).isNotEmpty().allMatch(Subject::own);
      List<String> titles = with.of(set).subjects().stream().map(Subject::title).toList();
      assertThat(titles).doesNotHaveDuplicates();
      assertThat(with.of(set).subjects())
          .allMatch(s -> s.reference() == null || titles.contains(s.reference()));
    }
    assertThatThrownBy(() -> with.of("x")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aPeersLineIsRead(@TempDir Path dir) throws Exception {
    Path original = Files.createDirectories(dir.resolve("peers"));
    Path script = original.resolve("run.sh");
    Files.writeString(
        script,
        "#!/bin/sh\necho '{\"run\":\"tls\",\"failed\":1}'\n"
            + "echo '{\"run\":\"tls\",\"gbit_s\":6.5,\"client_cpu_s_per_gib\":0.7,\"server_cpu_s_per_gib\":1.2}'\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    PeerTools tools = Objects.requireNonNull(PeerTools.find(original, dir.resolve("copy")));
    assertThat(tools.bulk("tls", 1, 1, 1)).isEqualTo(new Sample(6.5, 0.7, 1.2, 0));
    assertThatThrownBy(() -> tools.handshakes("tls", 1, 1)).isInstanceOf(IOException.class);
  }

  @Test
  void goalsComeFromTheirRows() {
    assertThat(Plans.goals(List.of())).extracting(Goal::measured).containsOnly(Double.NaN);
  }

  @Test
  void commandsThatFailSayWhy(@TempDir Path dir) throws Exception {
    assertThat(Command.run(List.of("sh", "-c", "echo a; echo; echo b"), dir, Map.of(), 60))
        .containsExactly("a", "b");
    assertThatThrownBy(
            () -> Command.run(List.of("sh", "-c", "echo why; exit 3"), dir, Map.of(), 60))
        .hasMessage("exit status 3: why");
  }

  @Test
  void theUploadOfTheProgramInC() throws Exception {
    assertThat(PreloadRuns.up(List.of("up 3570 Mbit/s", "down 1 Mbit/s"))).isEqualTo(3570);
    assertThatThrownBy(() -> PreloadRuns.up(List.of("down 1 Mbit/s")))
        .isInstanceOf(IOException.class);
  }
}
