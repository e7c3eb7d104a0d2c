package dev.quic.handshaked.daemon.tags;

import dev.quic.handshaked.daemon.config.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Builds the rules from files: two tables, {@code filters} and {@code tags}, each filled from every
 * file, so that a tag may name a filter of another file. Confined to one thread.
 */
final class TagReader {
  /** Filters of a directory. */
  static final int MAX_FILTERS = 1024;

  /** Filters of one tag, and purposes of one filter. */
  static final int MAX_LIST = 64;

  /** Longest name of a tag or filter, in characters. */
  static final int MAX_NAME = 128;

  private static final String NOT = "not ";

  /** A tag as it stands in its file. */
  private record Draft(YamlNode at, List<YamlNode> filters) {}

  private final Map<String, Filter> filters = new LinkedHashMap<>();
  private final Map<String, YamlNode> places = new LinkedHashMap<>();
  private final Map<String, Draft> drafts = new TreeMap<>();

  void read(Path file) throws ConfigException {
    for (YamlNode document : YamlNode.documents(file)) {
      for (YamlNode.Pair section : document.map()) {
        switch (section.name()) {
          case "filters" -> filters(section.value());
          case "tags" -> tags(section.value());
          default -> throw section.key().error("unknown section '" + section.name() + "'");
        }
      }
    }
  }

  private void filters(YamlNode table) throws ConfigException {
    for (YamlNode.Pair entry : table.map()) {
      String name = name(entry.key());
      YamlNode earlier = places.putIfAbsent(name, entry.key());
      if (earlier != null) {
        throw entry.key().error("filter '" + name + "' was already defined at " + earlier.at());
      }
      if (places.size() > MAX_FILTERS) {
        throw entry.key().error("more than " + MAX_FILTERS + " filters");
      }
      filters.put(name, filter(name, entry));
    }
  }

  private static Filter filter(String name, YamlNode.Pair entry) throws ConfigException {
    Map<String, YamlNode> keys = new LinkedHashMap<>();
    for (YamlNode.Pair pair : entry.value().map()) {
      if (!List.of("type", "pattern", "purpose").contains(pair.name())) {
        throw pair.key().error("filter '" + name + "': unknown key '" + pair.name() + "'");
      }
      keys.put(pair.name(), pair.value());
    }
    YamlNode typeNode = keys.remove("type");
    if (typeNode == null) {
      throw entry.key().error("filter '" + name + "' has no type");
    }
    FilterType type = FilterType.named(typeNode.text());
    if (type == null) {
      throw typeNode.error("filter '" + name + "': unknown type '" + typeNode.text() + "'");
    }
    String wanted =
        switch (type.argument()) {
          case NONE -> "";
          case PATTERN -> "pattern";
          case PURPOSE -> "purpose";
        };
    YamlNode argument = keys.remove(wanted);
    if (!keys.isEmpty()) {
      String key = keys.keySet().iterator().next();
      throw entry.key().error("filter '" + name + "': " + type + " takes no " + key);
    }
    if (argument == null && type.argument() != FilterType.Argument.NONE) {
      throw entry.key().error("filter '" + name + "' has no " + wanted);
    }
    return filter(name, type, argument == null ? entry.value() : argument);
  }

  private static Filter filter(String name, FilterType type, YamlNode argument)
      throws ConfigException {
    try {
      return switch (type.argument()) {
        case NONE -> Filter.selfSigned();
        case PATTERN -> Filter.ofPattern(type, argument.text());
        case PURPOSE -> {
          List<String> purposes = new ArrayList<>();
          for (YamlNode item : argument.list(MAX_LIST)) {
            purposes.add(item.text());
          }
          yield Filter.ofPurposes(type, purposes);
        }
      };
    } catch (IllegalArgumentException e) {
      throw argument.error("filter '" + name + "': " + e.getMessage());
    }
  }

  private void tags(YamlNode table) throws ConfigException {
    for (YamlNode.Pair entry : table.map()) {
      String name = name(entry.key());
      List<YamlNode> wanted = null;
      for (YamlNode.Pair pair : entry.value().map()) {
        if (!pair.name().equals("filter")) {
          throw pair.key().error("tag '" + name + "': unknown key '" + pair.name() + "'");
        }
        wanted = pair.value().list(MAX_LIST);
      }
      // A tag for everybody would be a slip of the pen.
      if (wanted == null || wanted.isEmpty()) {
        throw entry.key().error("tag '" + name + "' has no filter");
      }
      Draft earlier = drafts.putIfAbsent(name, new Draft(entry.key(), wanted));
      if (earlier != null) {
        throw entry.key().error("tag '" + name + "' was already defined at " + earlier.at.at());
      }
      if (drafts.size() > TagRules.MAX_TAGS) {
        throw entry.key().error("more than " + TagRules.MAX_TAGS + " tags");
      }
    }
  }

  private static String name(YamlNode key) throws ConfigException {
    String name = key.text();
    if (name.isBlank()
        || name.length() > MAX_NAME
        || name.startsWith(NOT)
        || name.chars().anyMatch(Character::isISOControl)) {
      throw key.error("not a name: '" + name + "'");
    }
    return name;
  }

  /** Once every file is read. */
  TagRules rules() throws ConfigException {
    List<Tag> out = new ArrayList<>();
    for (Map.Entry<String, Draft> entry : drafts.entrySet()) {
      List<Tag.Condition> conditions = new ArrayList<>();
      for (YamlNode item : entry.getValue().filters) {
        boolean negated = item.text().startsWith(NOT);
        String name = negated ? item.text().substring(NOT.length()).strip() : item.text();
        Filter filter = filters.get(name);
        if (filter == null) {
          throw item.error("tag '" + entry.getKey() + "': there is no filter '" + name + "'");
        }
        conditions.add(new Tag.Condition(filter, negated));
      }
      out.add(new Tag(entry.getKey(), conditions));
    }
    return new TagRules(out);
  }
}
