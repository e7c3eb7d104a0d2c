package dev.quic.bench.profile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/** Samples of call stacks, merged from the bottom up. */
final class StackTree {
  private static final String OWN_PACKAGES = "dev.quic.dataplane.";

  private final String name;
  private final Map<String, StackTree> below = new TreeMap<>();
  private long count;

  StackTree(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  long count() {
    return count;
  }

  /** Callees by name. */
  Iterable<StackTree> below() {
    return below.values();
  }

  int depth() {
    int most = 0;
    for (StackTree t : below.values()) {
      most = Math.max(most, t.depth());
    }
    return most + 1;
  }

  /**
   * @param stack outermost first
   */
  void add(List<String> stack) {
    StackTree at = this;
    at.count++;
    for (String frame : stack) {
      at = at.below.computeIfAbsent(frame, StackTree::new);
      at.count++;
    }
  }

  /** Samples of Java and native code of the threads whose name begins so. */
  static StackTree read(Path recording, String threads) throws IOException {
    StackTree root = new StackTree(threads + "*");
    try (RecordingFile events = new RecordingFile(recording)) {
      while (events.hasMoreEvents()) {
        RecordedEvent e = events.readEvent();
        String type = e.getEventType().getName();
        if (type.equals("jdk.ExecutionSample") || type.equals("jdk.NativeMethodSample")) {
          take(root, e, threads);
        }
      }
    }
    return root;
  }

  private static void take(StackTree root, RecordedEvent e, String threads) {
    RecordedThread thread = e.getThread("sampledThread");
    RecordedStackTrace trace = e.getStackTrace();
    if (thread == null
        || trace == null
        || thread.getJavaName() == null
        || !thread.getJavaName().startsWith(threads)) {
      return;
    }
    List<String> stack = new ArrayList<>();
    for (RecordedFrame frame : trace.getFrames().reversed()) {
      RecordedMethod m = frame.getMethod();
      stack.add(title(m.getType().getName(), m.getName()));
    }
    root.add(stack);
  }

  /** Ours without their packages, others with their last one. */
  static String title(String type, String method) {
    int last = type.lastIndexOf('.');
    String simple = type.substring(last + 1);
    if (type.startsWith(OWN_PACKAGES) || last < 0) {
      return simple + "." + method;
    }
    int before = type.lastIndexOf('.', last - 1);
    return type.substring(before + 1, last) + "." + simple + "." + method;
  }
}
