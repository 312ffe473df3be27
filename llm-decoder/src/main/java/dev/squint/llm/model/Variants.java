package dev.squint.llm.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The precision variant of each graph: {@code fp32}, {@code fp16}, {@code q8}, {@code q4}, ...
 * Sessions that are not named take what the package recommends, or the first form that it has.
 *
 * @param chosen the form by session
 */
public record Variants(Map<Session, String> chosen) {

  /** No choice: the package decides. */
  public static final Variants ANY = new Variants(Map.of());

  /** The name that stands for the fastest form on this machine. */
  public static final String AUTO = "auto";

  // File suffix by name, in the order in which they are tried if none was chosen.
  private static final Map<String, String> SUFFIXES = suffixes();

  /** Checks the names. */
  public Variants {
    for (String variant : chosen.values()) {
      if (!variant.equals(AUTO)) {
        suffix(variant);
      }
    }
    chosen = Map.copyOf(chosen);
  }

  private static Map<String, String> suffixes() {
    Map<String, String> suffixes = new LinkedHashMap<>();
    suffixes.put("fp32", "");
    suffixes.put("fp16", "_fp16");
    suffixes.put("q8", "_quantized");
    suffixes.put("quantized", "_quantized");
    suffixes.put("q8block", "_q8block");
    suffixes.put("uint8", "_uint8");
    suffixes.put("int8", "_int8");
    suffixes.put("q4", "_q4");
    suffixes.put("q4f16", "_q4f16");
    suffixes.put("bnb4", "_bnb4");
    suffixes.put("q2", "_q2");
    suffixes.put("q2f16", "_q2f16");
    suffixes.put("q1", "_q1");
    suffixes.put("q1f16", "_q1f16");
    return suffixes;
  }

  /**
   * Reads {@code q8} (for all sessions) or {@code decoder=q4,vision=fp16}.
   *
   * @throws IllegalArgumentException if a session or a variant is not known; the message lists them
   */
  public static Variants parse(String text) {
    Map<Session, String> chosen = new EnumMap<>(Session.class);
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      String variant = part.substring(equals + 1).strip();
      if (equals < 0) {
        for (Session session : Session.values()) {
          chosen.put(session, variant);
        }
      } else {
        chosen.put(Session.of(part.substring(0, equals).strip()), variant);
      }
    }
    return new Variants(chosen);
  }

  /** The variant that was chosen for this session; null for any, and for {@link #AUTO}. */
  @Nullable String of(Session session) {
    String variant = chosen.get(session);
    return AUTO.equals(variant) ? null : variant;
  }

  /** The sessions whose fastest form is wanted. */
  public Set<Session> automatic() {
    Set<Session> automatic = EnumSet.noneOf(Session.class);
    chosen.forEach(
        (session, variant) -> {
          if (variant.equals(AUTO)) {
            automatic.add(session);
          }
        });
    return automatic;
  }

  /** The same with another variant of one session. */
  public Variants with(Session session, String variant) {
    Map<Session, String> changed = new EnumMap<>(Session.class);
    changed.putAll(chosen);
    changed.put(session, variant);
    return new Variants(changed);
  }

  @Override
  public String toString() {
    return Arrays.stream(Session.values())
        .filter(chosen::containsKey)
        .map(session -> session.key() + "=" + chosen.get(session))
        .collect(Collectors.joining(","));
  }

  /**
   * The first name whose suffix a file has.
   *
   * @param stem its name without suffix and extension
   */
  static String of(String stem, Path file) {
    String name = String.valueOf(file.getFileName());
    return SUFFIXES.keySet().stream()
        .filter(variant -> name.equals(stem + suffix(variant) + ".onnx"))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(name + " is not a graph of " + stem));
  }

  /** The names in the order in which they are tried. */
  public static List<String> names() {
    return List.copyOf(SUFFIXES.keySet());
  }

  /**
   * The part of the file name between stem and extension.
   *
   * @throws IllegalArgumentException if the variant is not known
   */
  public static String suffix(String variant) {
    String suffix = SUFFIXES.get(variant);
    if (suffix == null) {
      throw new IllegalArgumentException(
          "no variant is called '%s'; there are %s, and %s for the fastest on this machine"
              .formatted(variant, String.join(", ", SUFFIXES.keySet()), AUTO));
    }
    return suffix;
  }

  /**
   * The variants of a graph to try, best first: the one that was chosen, or else the one that the
   * package recommends and then all others.
   *
   * @param stem of the graph's file, by which the package recommends a form
   * @param config the package's {@code config.json}
   */
  public List<String> order(Session session, String stem, JsonNode config) {
    String wanted = of(session);
    if (wanted != null) {
      return List.of(wanted);
    }
    JsonNode dtype = config.path("transformers.js_config").path("dtype");
    String recommended = (dtype.isObject() ? dtype.path(stem) : dtype).asText("");
    List<String> order = new ArrayList<>();
    if (names().contains(recommended)) {
      order.add(recommended);
    }
    order.addAll(names());
    return order;
  }
}
