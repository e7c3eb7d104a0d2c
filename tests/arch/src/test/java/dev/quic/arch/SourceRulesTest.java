package dev.quic.arch;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** What sources look like: sizes, null-marked packages, nothing left behind. */
final class SourceRulesTest {
  private static final int MAX_FILE_LINES = 600;
  private static final int MAX_METHOD_LINES = 60;

  private static final List<Path> SOURCES = sources();

  @Test
  void filesHaveAtMost600Lines() throws IOException {
    List<String> tooLong = new ArrayList<>();
    for (Path file : SOURCES) {
      int lines = Files.readAllLines(file).size();
      if (lines > MAX_FILE_LINES) {
        tooLong.add(Checkout.ROOT.relativize(file) + ": " + lines);
      }
    }
    assertThat(tooLong).isEmpty();
  }

  @Test
  void methodsHaveAtMost60Lines() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> tooLong = new ArrayList<>();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, files, null, null, null, files.getJavaFileObjectsFromPaths(SOURCES));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        new MethodLengths(unit, positions, tooLong).scan(unit, null);
      }
    }
    assertThat(tooLong).isEmpty();
  }

  @Test
  void everyPackageIsNullMarked() throws IOException {
    Set<Path> marked = new HashSet<>();
    for (Path file : SOURCES) {
      if (file.endsWith("package-info.java") && Files.readString(file).contains("@NullMarked")) {
        marked.add(file.getParent());
      }
    }
    Set<Path> missing = new TreeSet<>();
    for (Path file : SOURCES) {
      Path dir = file.getParent();
      // A test's package is the one of what it tests; it is marked there.
      if (dir != null && !marked.contains(dir) && !dir.toString().contains("/src/test/")) {
        missing.add(Checkout.ROOT.relativize(dir));
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void nothingIsLeftBehind() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : SOURCES) {
      if (file.endsWith("SourceRulesTest.java")) {
        continue;
      }
      for (String line : Files.readAllLines(file)) {
        if (line.matches(".*(\\bTODO\\b|\\bFIXME\\b|@Disabled|\\.printStackTrace\\(\\)).*")
            || (file.toString().contains("/src/test/")
                && line.matches(".*\\b(Thread|[A-Z]+)\\.sleep\\(.*"))) {
          found.add(Checkout.ROOT.relativize(file) + ": " + line.strip());
        }
      }
    }
    assertThat(found).isEmpty();
  }

  private static List<Path> sources() {
    try (Stream<Path> files = Files.walk(Checkout.ROOT)) {
      return files
          .filter(f -> f.toString().endsWith(".java") && f.toString().contains("/src/"))
          .filter(f -> f.toString().contains("/java/") && !f.toString().contains("/target/"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class MethodLengths extends TreeScanner<Void, Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final List<String> tooLong;

    MethodLengths(CompilationUnitTree unit, SourcePositions positions, List<String> tooLong) {
      this.unit = unit;
      this.positions = positions;
      this.tooLong = tooLong;
    }

    @Override
    public Void visitMethod(MethodTree method, Void unused) {
      if (method.getBody() != null) {
        LineMap lines = unit.getLineMap();
        long first = lines.getLineNumber(positions.getStartPosition(unit, method));
        long last = lines.getLineNumber(positions.getEndPosition(unit, method));
        if (last - first + 1 > MAX_METHOD_LINES) {
          tooLong.add(
              Checkout.ROOT.relativize(Path.of(unit.getSourceFile().toUri()))
                  + ": "
                  + method.getName()
                  + ": "
                  + (last - first + 1));
        }
      }
      return super.visitMethod(method, unused);
    }
  }
}
