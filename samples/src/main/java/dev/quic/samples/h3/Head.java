package dev.quic.samples.h3;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request or a response, and trailers, checked for what makes a message malformed
 * (RFC 9114 sections 4.1.2 to 4.4).
 */
final class Head {
  private static final Set<String> OF_REQUEST = Set.of(":method", ":scheme", ":authority", ":path");
  private static final Set<String> OF_RESPONSE = Set.of(":status");
  private static final Set<String> OF_CONNECTION =
      Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");

  /** Lower case, and the characters of a token (RFC 9110 section 5.6.2). */
  private static final Pattern NAME = Pattern.compile(":?[!#$%&'*+\\-.^_`|~0-9a-z]+");

  /** What no value has: RFC 9114 section 10.3, and blanks around it. */
  private static final Pattern NO_VALUE =
      Pattern.compile("[\\x00-\\x08\\x0a-\\x1f\\x7f]|^[ \\t]|[ \\t]\\z");

  private static final Pattern STATUS = Pattern.compile("[1-5][0-9][0-9]");

  /** Not one that would overflow. */
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

  private final Map<String, String> pseudo = new HashMap<>();
  private @Nullable String host;
  private long contentLength = -1;

  private Head(List<Field> lines, Set<String> allowed) throws H3Exception {
    boolean regular = false;
    for (Field f : lines) {
      if (!NAME.matcher(f.name()).matches() || NO_VALUE.matcher(f.value()).find()) {
        throw H3Exception.malformed("a field with characters that it may not have");
      }
      if (f.name().startsWith(":")) {
        if (regular || !allowed.contains(f.name())) {
          throw H3Exception.malformed("a pseudo-header where it may not be");
        }
        if (pseudo.put(f.name(), f.value()) != null) {
          throw H3Exception.malformed("a pseudo-header twice");
        }
      } else {
        regular = true;
        add(f);
      }
    }
  }

  static Head request(List<Field> lines) throws H3Exception {
    Head head = new Head(lines, OF_REQUEST);
    head.checkRequest();
    return head;
  }

  static Head response(List<Field> lines) throws H3Exception {
    Head head = new Head(lines, OF_RESPONSE);
    String status = head.pseudo.get(":status");
    // 101 has no meaning in HTTP/3 (section 4.5).
    if (status == null || !STATUS.matcher(status).matches() || status.equals("101")) {
      throw H3Exception.malformed("a response without a status");
    }
    return head;
  }

  static void checkTrailers(List<Field> lines) throws H3Exception {
    var unused = new Head(lines, Set.of());
  }

  String method() {
    return pseudo.getOrDefault(":method", "");
  }

  /** Of a request other than CONNECT. */
  String path() {
    return pseudo.getOrDefault(":path", "");
  }

  /** Of a response. */
  int status() {
    return Integer.parseInt(pseudo.getOrDefault(":status", "0"));
  }

  /** What the content-length field says; -1 without one. */
  long contentLength() {
    return contentLength;
  }

  private void add(Field f) throws H3Exception {
    if (OF_CONNECTION.contains(f.name())
        || (f.name().equals("te") && !f.value().equals("trailers"))) {
      throw H3Exception.malformed("a field of HTTP/1.1 connections: " + f.name());
    }
    if (f.name().equals("host")) {
      host = f.value();
    }
    if (f.name().equals("content-length")) {
      if (!LENGTH.matcher(f.value()).matches()) {
        throw H3Exception.malformed("a content-length that is no number");
      }
      long length = Long.parseLong(f.value());
      if (contentLength >= 0 && contentLength != length) {
        throw H3Exception.malformed("two content-lengths");
      }
      contentLength = length;
    }
  }

  private void checkRequest() throws H3Exception {
    String authority = pseudo.get(":authority");
    if (method().isEmpty()) {
      throw H3Exception.malformed("a request without a method");
    }
    if (method().equals("CONNECT")) {
      if (authority == null || pseudo.containsKey(":path") || pseudo.containsKey(":scheme")) {
        throw H3Exception.malformed("a CONNECT of something other than an authority");
      }
      return;
    }
    boolean toAll = method().equals("OPTIONS") && path().equals("*");
    if (!pseudo.containsKey(":scheme") || !(path().startsWith("/") || toAll)) {
      throw H3Exception.malformed("a request without a scheme or a path");
    }
    String named = authority == null ? host : authority;
    if (named == null || named.isEmpty() || (host != null && !host.equals(named))) {
      throw H3Exception.malformed("a request without an authority, or with two");
    }
  }
}
