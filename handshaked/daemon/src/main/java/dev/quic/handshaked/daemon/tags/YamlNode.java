package dev.quic.handshaked.daemon.tags;

import dev.quic.handshaked.daemon.config.ConfigException;
import dev.quic.uds.FileReason;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** A piece of a YAML file that knows where it stands. Immutable once read. */
final class YamlNode {
  /** Longest file, in bytes. */
  static final int MAX_BYTES = 1 << 18;

  /** A key of a table and what belongs to it. */
  record Pair(YamlNode key, String name, YamlNode value) {}

  private final Path file;
  private final Node node;

  private YamlNode(Path file, Node node) {
    this.file = file;
    this.node = node;
  }

  /** The documents of a file; nothing in it is executed or made an object of. */
  static List<YamlNode> documents(Path file) throws ConfigException {
    String text;
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new ConfigException(file + ": longer than " + MAX_BYTES + " bytes");
      }
      text = Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new ConfigException(file + ": not UTF-8 text");
    } catch (IOException e) {
      throw new ConfigException(file + ": cannot be read (" + FileReason.of(e) + ")");
    }
    LoadSettings settings =
        LoadSettings.builder().setLabel(file.toString()).setCodePointLimit(MAX_BYTES).build();
    List<YamlNode> out = new ArrayList<>();
    try {
      for (Node node : new Compose(settings).composeAllFromString(text)) {
        out.add(new YamlNode(file, node));
      }
    } catch (MarkedYamlEngineException e) {
      String line = e.getProblemMark().map(m -> ":" + (m.getLine() + 1)).orElse("");
      throw new ConfigException(file + line + ": " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new ConfigException(file + ": not YAML: " + firstLine(e));
    } catch (StackOverflowError e) {
      // The library goes down by recursion.
      throw new ConfigException(file + ": nested too deeply");
    }
    return out;
  }

  private static String firstLine(YamlEngineException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** A plain value, whatever YAML would take it for. */
  String text() throws ConfigException {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw error("a single value is expected here");
  }

  /** A table, its keys different ones; nothing at all is an empty table. */
  List<Pair> map() throws ConfigException {
    if (node instanceof ScalarNode scalar && scalar.isPlain() && scalar.getValue().isEmpty()) {
      return List.of();
    }
    if (!(node instanceof MappingNode mapping)) {
      throw error("a table (name: ...) is expected here");
    }
    List<Pair> out = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (NodeTuple tuple : mapping.getValue()) {
      YamlNode key = new YamlNode(file, tuple.getKeyNode());
      if (!names.add(key.text())) {
        throw key.error("'" + key.text() + "' is given twice");
      }
      out.add(new Pair(key, key.text(), new YamlNode(file, tuple.getValueNode())));
    }
    return out;
  }

  /** A list, or one value in its place. */
  List<YamlNode> list(int max) throws ConfigException {
    if (node instanceof ScalarNode) {
      return List.of(this);
    }
    if (!(node instanceof SequenceNode sequence)) {
      throw error("a list (- ...) is expected here");
    }
    if (sequence.getValue().size() > max) {
      throw error("more than " + max + " items");
    }
    return sequence.getValue().stream().map(n -> new YamlNode(file, n)).toList();
  }

  String at() {
    return file + node.getStartMark().map(m -> ":" + (m.getLine() + 1)).orElse("");
  }

  ConfigException error(String what) {
    return new ConfigException(at() + ": " + what);
  }
}
